import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  auditPath,
  checkpointOf,
  leafHashOf,
  leafOf,
  makeSigner,
  rootOf,
  someLeaves,
} from '../../test/log-writer.ts'
import { verifyEntry } from '../index.ts'

const signer = makeSigner('borgen.localhost/log/w1')
const salt = Buffer.alloc(32, 5)
const event = '{"contact":"Åsa ✓ 𝄞"}'
const commitment = createHash('sha256').update(salt).update(event).digest('hex')
const leaves = someLeaves(12)
leaves[7] = leafOf(7, commitment)
const hashes = leaves.map(leafHashOf)
const root = rootOf(hashes)
const proof = {
  format: 'borgen-inclusion-1',
  index: 7,
  size: 12,
  hashes: auditPath(7, hashes).map((hash) => hash.toString('hex')),
}
const good = {
  format: 'borgen-event-1',
  origin: signer.name,
  index: 7,
  leaf: leaves[7],
  salt: salt.toString('hex'),
  event,
  proof,
  checkpoint: checkpointOf(signer, 12, root),
}
const check = (file: unknown, key: string | undefined = signer.vkey) =>
  verifyEntry({ text: typeof file === 'string' ? file : JSON.stringify(file), key })

test('an exported event verifies, with its content', () => {
  const answer = check(good)
  assert.ok(answer.verdict === 'verified' && answer.content === 'shown')
  assert.equal(answer.event, event)
  assert.equal(answer.index, 7n)
  assert.equal(answer.leaf.type, 'contact.created')
})

test('an erased event is still in the log', () => {
  const answer = check({ ...good, salt: null, event: null })
  assert.ok(answer.verdict === 'verified' && answer.content === 'erased')
})

test('the first step that fails is named', () => {
  const other = makeSigner(signer.name)
  const wrong: [unknown, number, string][] = [
    ['rubbish', 0, 'json_malformed'],
    [{ ...good, format: 'borgen-event-2' }, 0, 'format_unknown'],
    [{ ...good, extra: 1 }, 0, 'shape_wrong'],
    [{ ...good, salt: null }, 0, 'shape_wrong'],
    [{ ...good, event: null }, 0, 'shape_wrong'],
    [{ ...good, event: { contact: 'c-17' } }, 0, 'shape_wrong'],
    [JSON.stringify(good).replace('{\\"contact\\":\\"', '\\ud800'), 0, 'shape_wrong'],
    [{ ...good, salt: salt.toString('hex').slice(2) }, 0, 'shape_wrong'],
    [{ ...good, proof: null }, 0, 'shape_wrong'],
    [{ ...good, proof: { ...proof, index: '07' } }, 0, 'shape_wrong'],
    [JSON.stringify(good).replace('{', '{"event":"a lie",'), 0, 'json_malformed'],
    [{ ...good, checkpoint: checkpointOf(other, 12, root) }, 1, 'signature_missing'],
    [{ ...good, checkpoint: good.checkpoint.replace('\n12\n', '\n13\n') }, 1, 'signature_wrong'],
    [{ ...good, checkpoint: 'x' }, 1, 'note_malformed'],
    [{ ...good, origin: 'elsewhere' }, 1, 'origin_differs'],
    [{ ...good, index: 6 }, 2, 'index_differs'],
    [{ ...good, proof: { ...proof, size: 13 } }, 2, 'size_differs'],
    [{ ...good, leaf: ` ${good.leaf}` }, 3, 'leaf_malformed'],
    [{ ...good, leaf: leaves[6] }, 4, 'root_differs'],
    [{ ...good, proof: { ...proof, hashes: proof.hashes.slice(1) } }, 4, 'proof_length'],
    [{ ...good, proof: { ...proof, hashes: [...proof.hashes, proof.hashes[0]] } }, 4, 'proof_length'],
    [{ ...good, event: '{"contact":"c-18"}' }, 5, 'commitment_differs'],
    [{ ...good, salt: '00'.repeat(32) }, 5, 'commitment_differs'],
  ]
  for (const [file, step, code] of wrong) {
    const answer = check(file)
    assert.ok('code' in answer, `accepted: ${JSON.stringify(file)}`)
    assert.deepEqual([answer.step, answer.code], [step, code], JSON.stringify(file).slice(0, 300))
  }
})

test('without a key nothing is proved, but what is wrong is still said', () => {
  const unproved = verifyEntry({ text: JSON.stringify(good) })
  assert.deepEqual([unproved.verdict, 'code' in unproved && unproved.code], ['undecided', 'no_key'])
  const wrong = verifyEntry({ text: JSON.stringify({ ...good, event: 'x' }) })
  assert.deepEqual([wrong.verdict, 'code' in wrong && wrong.code], ['rejected', 'commitment_differs'])
})

test('any member replaced by anything is not accepted, and never throws', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(good)), fc.jsonValue(), (member, value) => {
      fc.pre(JSON.stringify(value) !== JSON.stringify(good[member as keyof typeof good]) && value !== '7')
      assert.equal(check({ ...good, [member]: value }).verdict, 'rejected')
    }),
    { numRuns: 300 },
  )
})
