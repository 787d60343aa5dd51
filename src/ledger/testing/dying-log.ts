/*
 * A log that dies. Started by crash.test.ts: appends batches from the standard input and prints each answer, until it kills
 * itself at the named step, before or after the named write to disk, or is killed from outside.
 *   node dying-log.ts FOLDER COUNTDOWN   dies at the COUNTDOWN-th step (0: never)
 */
import { createInterface } from 'node:readline'
import { type Disk, systemDisk } from '../disk.ts'
import type { NewEntry } from '../server/entry.ts'
import { openTestLog } from './open-log.ts'

const [folder = '', countdown = '0'] = process.argv.slice(2)
let left = Number(countdown)
const step = () => {
  if (left > 0 && --left === 0) process.kill(process.pid, 'SIGKILL')
}

// Every change of the disk is a step before and after, and a write also in its middle: torn, as by a power cut.
const disk: Disk = {
  write(fd, pieces, at) {
    step()
    if (left === 1) {
      const bytes = Buffer.concat(pieces)
      systemDisk.write(fd, [bytes.subarray(0, bytes.length >> 1)], at)
    }
    step()
    systemDisk.write(fd, pieces, at)
    step()
  },
  truncate(fd, length) {
    step()
    systemDisk.truncate(fd, length)
    step()
  },
  async sync(fd) {
    step()
    await systemDisk.sync(fd)
    step()
  },
  replace(path, bytes, temporary) {
    step()
    systemDisk.replace(path, bytes, temporary)
    step()
  },
  move(from, to) {
    step()
    systemDisk.move(from, to)
    step()
  },
  async syncPath(path) {
    step()
    await systemDisk.syncPath(path)
    step()
  },
}

const log = await openTestLog(folder, { disk, step, journalLimitBytes: 30_000 })
process.stdout.write(`${JSON.stringify({ checkpoint: log.checkpoint() })}\n`)
const appends: Promise<void>[] = []
for await (const line of createInterface({ input: process.stdin })) {
  const { id, entries } = JSON.parse(line) as { id: number; entries: NewEntry[] }
  appends.push(
    log.append(entries).then((answers) => {
      process.stdout.write(`${JSON.stringify({ id, answers, checkpoint: log.checkpoint() })}\n`)
    }),
  )
}
await Promise.all(appends)
await log.close()
