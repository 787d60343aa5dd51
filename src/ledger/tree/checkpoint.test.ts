import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createCheckpointSigner, openCheckpoint } from './checkpoint.ts'
import { EMPTY_ROOT } from './hash.ts'

const seed = Buffer.alloc(32, 7).toString('base64')
const signer = createCheckpointSigner('borgen.localhost/log/w1', seed)

test('the note of the C2SP specification opens with a key of that name only', () => {
  // https://c2sp.org/signed-note and the public key used by sumdb/note's own documentation.
  const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
  const text =
    'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'
  const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`
  // It is signed, but not a checkpoint: its first line is no origin.
  assert.equal(openCheckpoint(note, vkey), undefined)
})

test('what was signed opens, with seed or PKCS #8, and with nothing changed', () => {
  const head = { size: 12, root: Buffer.alloc(32, 9) }
  const note = signer.sign(head)
  assert.deepEqual(openCheckpoint(note, signer.vkey), head)
  assert.deepEqual(openCheckpoint(`${note}— witness.example AAAAAAAA\n`, signer.vkey), head)
  for (const line of [
    '— witness.example\n',
    '— witness.example AAAA\n',
    '- w AAAAAAAA\n',
    '\n',
    'x',
    '— w AAAAAAAB=\n',
  ])
    assert.equal(openCheckpoint(note + line, signer.vkey), undefined, line)
  assert.equal(openCheckpoint(note + '— w AAAAAAAA\n'.repeat(100), signer.vkey), undefined)
  const { privateKey } = generateKeyPairSync('ed25519')
  const other = createCheckpointSigner(
    signer.origin,
    privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  )
  assert.deepEqual(openCheckpoint(other.sign(head), other.vkey), head)
  assert.equal(openCheckpoint(note, other.vkey), undefined)
  assert.equal(openCheckpoint(note, createCheckpointSigner('borgen.localhost/log/w2', seed).vkey), undefined)
  fc.assert(
    fc.property(fc.nat(note.length - 1), fc.integer({ min: 33, max: 126 }), (at, code) => {
      const changed = note.slice(0, at) + String.fromCharCode(code) + note.slice(at + 1)
      const opened = openCheckpoint(changed, signer.vkey)
      if (changed !== note) assert.equal(opened, undefined, JSON.stringify(changed))
    }),
    { numRuns: 500 },
  )
})

test('the empty log is signed as size 0', () => {
  assert.deepEqual(openCheckpoint(signer.sign({ size: 0, root: EMPTY_ROOT }), signer.vkey), {
    size: 0,
    root: EMPTY_ROOT,
  })
})

test('names and keys of another form are refused without being quoted', () => {
  assert.throws(() => createCheckpointSigner('has space', seed))
  assert.throws(() => createCheckpointSigner('has+plus', seed))
  const bad = Buffer.alloc(31, 1).toString('base64')
  assert.throws(
    () => createCheckpointSigner('log', bad),
    (error: Error) => !error.message.includes(bad),
  )
})
