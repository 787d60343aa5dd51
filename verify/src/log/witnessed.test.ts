import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import {
  checkpointOf,
  cosigned,
  leafHashOf,
  makeSigner,
  rootOf,
  someLeaves,
  write,
  writeLog,
} from '../../test/log-writer.ts'
import { verifyCheckpoint } from '../checkpoint/checkpoint.ts'
import { type LogQuestion, verifyLog } from './verify-log.ts'

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'verify-witness-'))
after(() => fs.rmSync(root, { recursive: true, force: true }))
const signer = makeSigner('borgen.localhost/log/w1')
const witness = makeSigner('witness.example/w1', 4)
const other = makeSigner('witness.example/w2', 4)
const TIME = 1_795_425_264
const SIZE = 300
const leaves = someLeaves(SIZE)
const truth = checkpointOf(signer, SIZE, rootOf(leaves.map(leafHashOf)))
/** What the witness itself answers: the newest checkpoint that it cosigned. */
const fromWitness = { name: 'from the witness', bytes: Buffer.from(cosigned(truth, witness, TIME)) }
let folders = 0

function logOf(changed: readonly string[], checkpoint?: string): string {
  const tree = path.join(root, String(folders++), 'tree')
  writeLog(tree, changed, signer)
  if (checkpoint !== undefined) write(tree, 'checkpoint', checkpoint)
  return tree
}
async function check(folder: string, more: Partial<LogQuestion> = {}) {
  const answer = await verifyLog({ folder, key: signer.vkey, ...more })
  const codes = answer.findings.filter(({ severity }) => severity !== 'remark').map(({ code }) => code)
  return { ...answer, codes: [...new Set(codes)] }
}
const swapped = (list: readonly string[], a: number, b: number) =>
  list.map((leaf, i) => (i === a ? list[b]! : i === b ? list[a]! : leaf))

test('an entry edited, deleted, inserted or moved, with every tile made to fit, is found by the verifier alone', async () => {
  const forged = someLeaves(1, 'forged')[0]!
  const cases: Record<string, string[]> = {
    edited: leaves.with(17, forged),
    deleted: leaves.toSpliced(17, 1),
    inserted: leaves.toSpliced(17, 0, forged),
    reordered: swapped(leaves, 17, 280),
  }
  for (const [what, changed] of Object.entries(cases)) {
    const { verdict } = await check(logOf(changed, truth))
    assert.equal(verdict, 'damaged', what)
  }
})

test('truncation, rollback, fork and what the stolen key signs anew fool the key alone, and not the witness', async () => {
  const fork = [...leaves.slice(0, 100), ...someLeaves(250, 'fork')]
  const rewritten = someLeaves(SIZE, 'rewritten')
  const cases: [string, string[], string][] = [
    ['truncated to an old checkpoint', leaves.slice(0, 200), 'checkpoint_ahead'],
    ['rolled back, one entry', leaves.slice(0, SIZE - 1), 'checkpoint_ahead'],
    ['forked', fork, 'checkpoint_inconsistent'],
    ['rewritten with the stolen key', rewritten, 'checkpoint_inconsistent'],
    ['one entry edited, re-signed', leaves.with(5, someLeaves(1, 'x')[0]!), 'checkpoint_inconsistent'],
  ]
  for (const [what, changed, code] of cases) {
    const folder = logOf(changed)
    assert.equal((await check(folder)).verdict, 'verified', `${what}: the thief signs well`)
    const witnessed = await check(folder, { checkpoints: [fromWitness], witnesses: [witness.vkey] })
    assert.equal(witnessed.verdict, 'damaged', what)
    assert.ok(witnessed.codes.includes(code as never), `${what}: ${witnessed.codes}`)
  }
})

test('a whole store rolled back, with what lies in it from witnesses, is found by what the witness itself says', async () => {
  const old = logOf(leaves.slice(0, 200))
  const stored = cosigned(
    checkpointOf(signer, 200, rootOf(leaves.slice(0, 200).map(leafHashOf))),
    witness,
    TIME - 60,
  )
  write(path.join(old, '..'), 'witnessed/w.checkpoint', stored)
  const alone = await check(old, { witnesses: [witness.vkey] })
  assert.equal(alone.verdict, 'verified')
  assert.ok(!('code' in alone))
  assert.deepEqual(
    alone.cosigned.map(({ witness: name, size, timeSeconds }) => [name, size, timeSeconds]),
    [[witness.name, 200n, BigInt(TIME - 60)]],
  )
  const asked = await check(old, { witnesses: [witness.vkey], checkpoints: [fromWitness] })
  assert.deepEqual(
    [asked.verdict, asked.codes],
    ['damaged', ['checkpoint_ahead', 'cosignature_missing'].slice(0, 1)],
  )
})

test('it says up to where and when each witness saw this log; without its word it cannot tell', async () => {
  const folder = logOf([...leaves, ...someLeaves(10, 'more')])
  const both = await check(folder, { checkpoints: [fromWitness], witnesses: [witness.vkey, other.vkey] })
  assert.deepEqual([both.verdict, both.codes], ['undecided', ['cosignature_missing']])
  const one = await check(folder, { checkpoints: [fromWitness], witnesses: [witness.vkey] })
  assert.ok(!('code' in one) && one.verdict === 'verified')
  assert.deepEqual(one.cosigned, [
    { witness: witness.name, size: 300n, timeSeconds: BigInt(TIME), file: 'from the witness' },
  ])
})

test('a cosignature that does not hold, or of another text, is a forgery; a key of a log is no witness', async () => {
  const note = cosigned(truth, witness, TIME)
  const verdictOf = (text: string) =>
    verifyCheckpoint({ checkpoint: Buffer.from(text), key: signer.vkey, witnesses: [witness.vkey] })
  const good = verdictOf(note)
  assert.ok(good.verdict === 'verified')
  assert.deepEqual(good.cosignatures, [{ witness: witness.name, timeSeconds: BigInt(TIME) }])
  const elsewhere = cosigned(checkpointOf(signer, 5, rootOf([])), witness, TIME)
    .split('\n')
    .at(-2)!
  const forged = verdictOf(`${truth}${elsewhere}\n`)
  assert.ok(forged.verdict === 'rejected' && forged.code === 'cosignature_wrong')
  const thief = { ...makeSigner(witness.name, 4), keyId: witness.keyId }
  const stolen = verdictOf(cosigned(truth, thief, TIME))
  assert.ok(stolen.verdict === 'rejected' && stolen.code === 'cosignature_wrong')
  const unasked = verifyCheckpoint({ checkpoint: Buffer.from(note), key: signer.vkey })
  assert.ok(unasked.verdict === 'verified' && unasked.cosignatures.length === 0)
  const wrongKind = await verifyLog({ folder: logOf(leaves), key: signer.vkey, witnesses: [signer.vkey] })
  assert.ok('code' in wrongKind && wrongKind.code === 'key_malformed')
})
