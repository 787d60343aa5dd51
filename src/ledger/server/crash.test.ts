import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { freshFolder } from '../testing/fresh-folder.ts'
import { entryOf, openTestLog, SUBJECT_A, SUBJECT_B } from '../testing/open-log.ts'
import { openCheckpoint, type TreeHead } from '../tree/checkpoint.ts'
import { consistencyPath } from '../tree/prove.ts'
import { verifyConsistency } from '../tree/verify-proof.ts'
import type { Answer } from './duplicates.ts'
import type { NewEntry } from './entry.ts'
import { fsck } from './fsck.ts'
import { readEntries } from './query.ts'

type Sent = { id: number; entries: NewEntry[] }
type Told = { id?: number; answers?: Answer[]; checkpoint: string }

const seed = Number(process.env.SEED ?? Math.floor(performance.timeOrigin) % 1_000_000)
let state = seed
const random = (below: number) => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return state % below
}

/** Runs a log that is killed: by itself at the n-th step, or from here after so many answers. What it told is the oracle. */
async function runUntilDeath(
  folder: string,
  countdown: number,
  batches: Sent[],
  killAfter: number,
): Promise<Told[]> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '..', 'testing', 'dying-log.ts'), folder, String(countdown)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const told: Told[] = []
  child.stdin.on('error', () => {})
  for (const batch of batches) child.stdin.write(`${JSON.stringify(batch)}\n`)
  child.stdin.end()
  const exited = new Promise((resolve) => child.on('close', resolve))
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(JSON.parse(line) as Told)
    if (told.length === killAfter) child.kill('SIGKILL')
  }
  await exited
  return told
}

let made = 0
function batchesOf(count: number): Sent[] {
  return Array.from({ length: count }, () => {
    const id = made++
    const subject = [SUBJECT_A, SUBJECT_B, 'plane'][random(3)]!
    const size = 1 + random(12)
    const entries = Array.from({ length: size }, (_, i) =>
      entryOf(`b${id}-${i}`, `batch ${id} entry ${i}`, { subject }),
    )
    return { id, entries }
  })
}

/** L1, L2 and L4 of the acknowledged, the unacknowledged and every checkpoint seen so far. */
async function check(folder: string, sent: Sent[], told: Told[], heads: TreeHead[]): Promise<void> {
  const log = await openTestLog(folder)
  try {
    const { entries } = await readEntries(log, { limit: 1_000_000, reverse: false })
    const byText = new Map<string, number[]>()
    for (const { index, event } of entries) {
      const { text } = event as { text: string }
      byText.set(text, [...(byText.get(text) ?? []), index])
    }
    const answered = new Map(told.flatMap(({ id, answers }) => (answers ? [[id, answers] as const] : [])))
    for (const { id, entries: batch } of sent) {
      const found = batch.map(({ event }) => byText.get(String(event.text)) ?? [])
      const counts = new Set(found.map((indices) => indices.length))
      assert.equal(counts.size, 1, `batch ${id} is wholly there or absent`)
      const count = [...counts][0]!
      assert.ok(count <= 1, `batch ${id} is there once`)
      const answers = answered.get(id)
      if (answers)
        assert.deepEqual(
          found.flat(),
          answers.map(({ index }) => index),
          `batch ${id} is where it was said`,
        )
    }
    for (const { checkpoint } of told) heads.push(openCheckpoint(checkpoint, log.signer.vkey)!)
    const now = log.head()
    for (const from of heads.filter(({ size }) => size > 0)) {
      const hashes = await consistencyPath(from.size, now.size, log.tiles.hashes)
      const proof = {
        from: BigInt(from.size),
        to: BigInt(now.size),
        fromRoot: from.root,
        toRoot: now.root,
        hashes,
      }
      assert.ok(verifyConsistency(proof), `consistent with the checkpoint of ${from.size}`)
    }
    for await (const step of fsck(log)) if (step.step === 'finding') assert.fail(JSON.stringify(step.finding))
    assert.equal(log.state().refusing, undefined)
  } finally {
    await log.close()
  }
}

test('killed at the n-th step of opening, appending, publishing and changing journals', async (t) => {
  t.diagnostic(`SEED=${seed}`)
  const folder = freshFolder()
  const sent: Sent[] = []
  const told: Told[] = []
  const heads: TreeHead[] = []
  for (let round = 0; round < 20; round++) {
    const batches = batchesOf(12)
    // Some of them were sent before: whether they were committed or not, they have one effect.
    const repeated = sent.length > 0 ? [sent[random(sent.length)]!, sent.at(-1)!] : []
    const answers = await runUntilDeath(
      folder,
      1 + random(round < 10 ? 40 : 250),
      [...repeated, ...batches],
      -1,
    )
    sent.push(...batches)
    told.push(...answers)
    await check(folder, sent, told, heads)
  }
})

test('killed from outside at any moment', async (t) => {
  t.diagnostic(`SEED=${seed}`)
  const folder = freshFolder()
  const sent: Sent[] = []
  const told: Told[] = []
  const heads: TreeHead[] = []
  for (let round = 0; round < 4; round++) {
    const batches = batchesOf(40)
    told.push(...(await runUntilDeath(folder, 0, batches, 1 + random(30))))
    sent.push(...batches)
    await check(folder, sent, told, heads)
  }
})
