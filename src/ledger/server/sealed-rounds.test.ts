import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemDisk } from '../disk.ts'
import { freshFolder } from '../testing/fresh-folder.ts'
import { entryOf, openTestLog, SUBJECT_A, SUBJECT_B } from '../testing/open-log.ts'
import type { NewEntry } from './entry.ts'
import type { Log } from './log.ts'
import { createSealedRounds } from './sealed-rounds.ts'

const SUBJECT_C = 'ins_0123456789abcdefghjkmnpqrc'
const clock = { now: () => 7 }
const many = (count: number, from: number, more: Partial<NewEntry> = {}) =>
  Array.from({ length: count }, (_, i) => entryOf(`k${from + i}`, 'x', more))
const segmentOf = (log: Log, subject: string) => {
  const inside = join(log.folder, 'regions', 'eu-frankfurt', subject)
  return join(inside, readdirSync(inside)[0]!)
}

test('rounds in small pieces find an old event that was altered, and tell of it until a whole round did not', async () => {
  const log = await openTestLog(freshFolder())
  await log.append(many(600, 0))
  await log.append(many(600, 600, { subject: SUBJECT_B }))
  const rounds = createSealedRounds(log, clock)
  let grown = 10_000
  /** Looks in the smallest pieces until one more round is whole. */
  const wholeRound = async () => {
    let [pieces, state] = [1, await rounds.look(0.001)]
    for (; state.round !== null; pieces++) {
      // The log grows while a round goes on, also by subjects that are new.
      await log.append([...many(1, grown, { subject: SUBJECT_C }), ...many(1, grown + 1)])
      grown += 2
      state = await rounds.look(0.001)
    }
    return { pieces, state }
  }
  const first = await wholeRound()
  assert.deepEqual(first.state.findings, [])
  assert.deepEqual(
    [first.state.whole?.sealedEvents, first.state.segments, first.state.newest],
    [1200, 3, 256],
  )
  assert.ok(first.pieces > 1, 'one look is only a piece of it')
  const file = segmentOf(log, SUBJECT_A)
  const flip = () =>
    writeFileSync(
      file,
      readFileSync(file).map((byte, at) => (at === 5000 ? byte ^ 1 : byte)),
    )
  flip()
  const altered = await wholeRound()
  assert.ok(altered.state.findings.some(({ place, index }) => place.includes(SUBJECT_A) && index === 0))
  flip()
  assert.equal((await rounds.look(0.001)).findings.length > 0, true, 'the next round has not come to it')
  assert.deepEqual((await wholeRound()).state.findings, [])
  await log.close()
})

test('a newest segment that is gone or another’s is named at the next look, however large the log', async () => {
  const log = await openTestLog(freshFolder())
  await log.append([...many(300, 0), ...many(300, 300, { subject: SUBJECT_B })])
  const rounds = createSealedRounds(log, clock)
  const file = segmentOf(log, SUBJECT_A)
  writeFileSync(file, readFileSync(segmentOf(log, SUBJECT_B)))
  const swapped = await rounds.look(0)
  assert.match(swapped.findings[0]!.what, new RegExp(`is the segment of eu-frankfurt/${SUBJECT_B}`))
  rmSync(join(file, '..'), { recursive: true })
  const gone = await rounds.look(0)
  assert.deepEqual(
    [gone.findings[0]!.place.includes(SUBJECT_A), gone.findings[0]!.what],
    [true, 'is missing'],
  )
  await log.close()
})

test('while tiles cannot be written no round is made, and none of them counts as missing', async () => {
  let isFull = false
  const disk = {
    ...systemDisk,
    replace(...given: Parameters<typeof systemDisk.replace>) {
      if (isFull) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      systemDisk.replace(...given)
    },
  }
  const log = await openTestLog(freshFolder(), { disk })
  isFull = true
  await log.append(many(300, 0))
  const rounds = createSealedRounds(log, clock)
  const state = await rounds.look(1000)
  assert.deepEqual([/no space/.test(state.cannot ?? ''), state.findings], [true, []])
  isFull = false
  const after = await rounds.look(10_000)
  assert.deepEqual([after.cannot, after.findings, after.whole?.sealedEvents], [null, [], 300])
  await log.close()
})
