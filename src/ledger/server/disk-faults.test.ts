import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isAppError } from '../../kernel/errors.ts'
import { type Disk, systemDisk } from '../disk.ts'
import { freshFolder } from '../testing/fresh-folder.ts'
import { entryOf, openTestLog, SUBJECT_A, SUBJECT_B } from '../testing/open-log.ts'
import { openCheckpoint } from '../tree/checkpoint.ts'
import type { NewEntry } from './entry.ts'
import { fsck } from './fsck.ts'
import { readEntries } from './query.ts'

type Fault = { left: number; code: 'ENOSPC' | 'EIO'; lasting: boolean; hit: boolean; mended: boolean }

/** A disk whose n-th change fails (and, when lasting, every one after it); writes leave half of their bytes behind. */
function failingDisk(fault: Fault): Disk {
  const fails = () => {
    if (fault.left > 0) fault.left--
    const now = fault.left === 0 && !fault.mended && (!fault.hit || fault.lasting)
    if (now) fault.hit = true
    return now
  }
  const error = () => Object.assign(new Error(`${fault.code}: injected`), { code: fault.code })
  return {
    write(fd, pieces, at) {
      if (!fails()) return systemDisk.write(fd, pieces, at)
      const bytes = Buffer.concat(pieces)
      systemDisk.write(fd, [bytes.subarray(0, bytes.length >> 1)], at)
      throw error()
    },
    // Making a file shorter needs no room; what the log relies on to undo is not made to fail with a full disk.
    truncate: systemDisk.truncate,
    async sync(fd) {
      if (fails()) throw error()
      return systemDisk.sync(fd)
    },
    replace(path, bytes, temporary) {
      if (fails()) throw error()
      systemDisk.replace(path, bytes, temporary)
    },
    move(from, to) {
      if (fails()) throw error()
      systemDisk.move(from, to)
    },
    async syncPath(path) {
      if (fails()) throw error()
      return systemDisk.syncPath(path)
    },
  }
}

const batchOf = (name: string): NewEntry[] =>
  Array.from({ length: 40 }, (_, i) =>
    entryOf(`${name}-${i}`, `${name} ${i}`, { subject: i % 2 ? SUBJECT_A : SUBJECT_B }),
  )
const textsIn = async (log: Awaited<ReturnType<typeof openTestLog>>) =>
  (await readEntries(log, { limit: 100_000, reverse: false })).entries.map(
    ({ event }) => (event as { text: string }).text,
  )

const prepared = freshFolder()

/** One life with a fault at the n-th change; true when the fault was met. */
async function live(n: number, code: Fault['code'], lasting: boolean): Promise<boolean> {
  const folder = join(freshFolder(), 'log')
  cpSync(prepared, folder, { recursive: true })
  const fault: Fault = { left: n, code, lasting, hit: false, mended: false }
  const acknowledged: string[] = []
  let log = await openTestLog(folder, { disk: failingDisk(fault), journalLimitBytes: 20_000 }).catch(
    (error: Error) => {
      assert.match(error.message, /injected/)
      return undefined
    },
  )
  if (log) {
    for (const name of ['b', 'c', 'd', 'e']) {
      const taken = await log.append(batchOf(name)).then(
        () => true,
        (error: unknown) => {
          assert.ok(isAppError(error, 'log_unavailable') && error.remedy !== undefined, String(error))
          return false
        },
      )
      if (taken) acknowledged.push(name)
      // Reads go on, and show all that was acknowledged.
      const texts = await textsIn(log)
      for (const known of ['a', ...acknowledged])
        assert.ok(texts.includes(`${known} 39`), `${known} is read, n=${n}`)
      assert.equal(openCheckpoint(log.checkpoint(), log.signer.vkey)?.size, log.tiles.size)
    }
    // The disk is mended: either the log takes appends again, or it says that it must be started again.
    fault.mended = true
    const refusing = log.state().refusing
    const again = await log.append(batchOf('f')).catch((error: Error) => error)
    if (Array.isArray(again)) acknowledged.push('f')
    else assert.match(`${refusing} ${again.message}`, /started again/)
    await log.close()
  }
  log = await openTestLog(folder)
  const texts = await textsIn(log)
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const there = texts.filter((text) => text.startsWith(`${name} `))
    assert.ok(
      [0, 40].includes(there.length) && new Set(there).size === there.length,
      `${name} wholly, n=${n}`,
    )
    if (name === 'a' || acknowledged.includes(name)) assert.equal(there.length, 40, `${name} kept, n=${n}`)
  }
  for await (const step of fsck(log))
    if (step.step === 'finding') assert.fail(`n=${n} ${JSON.stringify(step.finding)}`)
  assert.equal(log.state().refusing, undefined)
  await log.close()
  return fault.hit
}

test('changes of the disk fail once, or from then on: nothing acknowledged is lost, nothing torn remains', async () => {
  const first = await openTestLog(prepared)
  await first.append(batchOf('a'))
  await first.close()
  // The first changes one by one, where a commit has its steps; then further apart, until a life never meets the fault.
  for (const [code, lasting] of [
    ['ENOSPC', true],
    ['ENOSPC', false],
    ['EIO', false],
    ['EIO', true],
  ] as const) {
    let n = 1
    while (n < 2_000 && (await live(n, code, lasting))) n += n < 16 ? 1 : Math.ceil(n / 3)
    assert.ok(n > 30 && n < 2_000, `${n} changes were tried`)
  }
})

test('a disk that is nearly full refuses appends before it is full, and takes them again when there is room', async () => {
  const folder = freshFolder()
  let log = await openTestLog(folder, { freeLimitBytes: Number.MAX_SAFE_INTEGER })
  await assert.rejects(
    log.append(batchOf('a')),
    (error) => isAppError(error, 'log_unavailable') && /KiB left/.test(error.message),
  )
  assert.match(log.state().refusing ?? '', /KiB left/)
  assert.equal(log.tiles.size, 0)
  await log.close()
  log = await openTestLog(folder)
  assert.equal((await log.append(batchOf('a'))).length, 40)
  await log.close()
})
