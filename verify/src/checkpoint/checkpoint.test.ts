import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkpointOf, makeSigner, noteOf, rootOf } from '../../test/log-writer.ts'
import { parseVerifierKey, verifyCheckpoint } from '../index.ts'

const signer = makeSigner('borgen.localhost/log/w1')
const witness = makeSigner('witness.example/w')
const root = rootOf([Buffer.alloc(32, 7), Buffer.alloc(32, 8)])
const good = checkpointOf(signer, 2, root)
const base64 = root.toString('base64')

function codeOf(note: string | Uint8Array, key: string | undefined = signer.vkey, origin?: string): string {
  const verdict = verifyCheckpoint({ checkpoint: Buffer.from(note), key, origin })
  return verdict.verdict === 'verified' ? 'verified' : verdict.code
}

test('a signed checkpoint verifies and says what it signs', () => {
  const verdict = verifyCheckpoint({ checkpoint: Buffer.from(good), key: signer.vkey })
  assert.ok(verdict.verdict === 'verified')
  assert.deepEqual(verdict.checkpoint, { origin: signer.name, size: 2n, root })
  assert.equal(codeOf(checkpointOf(signer, 0, rootOf([]))), 'verified')
  assert.equal(codeOf(checkpointOf(signer, 2n ** 64n - 1n, root)), 'verified')
})

test('lines of witnesses and extension lines are accepted and ignored', () => {
  const witnessed = checkpointOf(witness, 2, root).split('\n\n')[1]!
  const bogus = '\u2014 other.example AAAAAAAA\n'
  assert.equal(codeOf(checkpointOf(signer, 2, root, witnessed)), 'verified')
  assert.equal(codeOf(checkpointOf(signer, 2, root, bogus.repeat(15))), 'verified')
  assert.equal(codeOf(noteOf(signer, `${signer.name}\n2\n${base64}\nmore\nand more\n`)), 'verified')
})

test('every other form is rejected with its code', () => {
  const text = (lines: string) => noteOf(signer, lines)
  const wrong: [string | Uint8Array, string][] = [
    ['', 'note_malformed'],
    [good.slice(0, -1), 'note_malformed'],
    [good.split('\n\n')[0]!, 'note_malformed'],
    [`${good.split('\n\n')[0]}\n\n`, 'note_malformed'],
    [good.replace('\u2014', '-'), 'note_malformed'],
    [good.replaceAll('\n', '\r\n'), 'note_malformed'],
    [good.replace('2\n', '2\t\n'), 'note_malformed'],
    [Buffer.concat([Buffer.from([0xff]), Buffer.from(good)]), 'note_malformed'],
    [`${good}\u2014 x AAAA\n`, 'note_malformed'],
    [`${good}${'x'.repeat(70_000)}`, 'note_malformed'],
    [good + '\u2014 other.example AAAAAAAA\n'.repeat(100), 'note_malformed'],
    [text(`${signer.name}\n2\n`), 'checkpoint_malformed'],
    [text(`${signer.name}\n02\n${base64}\n`), 'checkpoint_malformed'],
    [text(`${signer.name}\n-2\n${base64}\n`), 'checkpoint_malformed'],
    [text(`${signer.name}\n+2\n${base64}\n`), 'checkpoint_malformed'],
    [text(`${signer.name}\n2 \n${base64}\n`), 'checkpoint_malformed'],
    [text(`${signer.name}\n18446744073709551616\n${base64}\n`), 'checkpoint_malformed'],
    [text(`${signer.name}\n2\n${base64.slice(0, -1)}\n`), 'checkpoint_malformed'],
    [text(`${signer.name}\n2\n${root.toString('hex')}\n`), 'checkpoint_malformed'],
    [text(`${signer.name}\n2\n${base64}\n\nmore\n`), 'checkpoint_malformed'],
    [text(`\n2\n${base64}\n`), 'checkpoint_malformed'],
    [text(`\ufeff${signer.name}\n2\n${base64}\n`), 'origin_differs'],
    [text(`elsewhere\n2\n${base64}\n`), 'origin_differs'],
    [checkpointOf(signer, 0, root), 'root_differs'],
    [checkpointOf(makeSigner(signer.name), 2, root), 'signature_missing'],
    [checkpointOf(witness, 2, root), 'signature_missing'],
    [good.replace('\n2\n', '\n3\n'), 'signature_wrong'],
  ]
  for (const [note, code] of wrong) assert.equal(codeOf(note), code, String(note).slice(0, 200))
})

test('two lines by the trusted key must both hold', () => {
  const line = good.split('\n\n')[1]!
  const forged = checkpointOf(signer, 3, root).split('\n\n')[1]!
  assert.equal(codeOf(good + line), 'verified')
  assert.equal(codeOf(good + forged), 'signature_wrong')
})

test('origin and key must be the expected ones', () => {
  assert.equal(codeOf(good, signer.vkey, signer.name), 'verified')
  assert.equal(codeOf(good, signer.vkey, 'borgen.localhost/log/w2'), 'origin_differs')
  const verdict = verifyCheckpoint({ checkpoint: Buffer.from(good) })
  assert.ok(verdict.verdict === 'undecided' && verdict.code === 'no_key')
  assert.equal(verdict.stated?.size, 2n)
})

test('a key is accepted in one form only', () => {
  const [name, id, blob] = [
    signer.name,
    signer.keyId.toString('hex'),
    signer.vkey.split('+').slice(2).join('+'),
  ]
  assert.equal(parseVerifierKey(signer.vkey).verdict, 'verified')
  const wrong: [string, string][] = [
    ['', 'key_malformed'],
    [`${signer.vkey}\n`, 'key_malformed'],
    [`${name}+${id.toUpperCase().replace(/^\d+$/, 'AAAAAAAA')}+${blob}`, 'key_malformed'],
    [`${name}+${id}+${blob.slice(0, -1)}`, 'key_malformed'],
    [`${name}+${id}+${blob.replace('A', 'B')}`, 'key_malformed'],
    [`${name} +${id}+${blob}`, 'key_malformed'],
    [`x${name}+${id}+${blob}`, 'key_id_wrong'],
    [`${name}+00000000+${blob}`, 'key_id_wrong'],
  ]
  for (const [vkey, code] of wrong) {
    const key = parseVerifierKey(vkey)
    assert.equal('code' in key && key.code, code, vkey)
    assert.equal(codeOf(good, vkey), code)
  }
})

test('whatever bytes come as a checkpoint, the answer is a verdict and never true', () => {
  const bytes = Buffer.from(good)
  fc.assert(
    fc.property(
      fc.nat(bytes.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.uint8Array(),
      (at, mask, rubbish) => {
        const flipped = Buffer.from(bytes)
        flipped[at]! ^= mask
        for (const note of [flipped, rubbish, bytes.subarray(0, at), Buffer.concat([rubbish, bytes])])
          if (Buffer.compare(note, bytes) !== 0) assert.notEqual(codeOf(note), 'verified')
      },
    ),
  )
})
