import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Places } from './places.ts'
import type { RunRecord } from './run-record.ts'

const lookEveryMs = 300
const scanEveryMs = 30_000
/** A scan is due at once when the file system lost as much as the fullest instance had left, within these bounds. */
const mostUnseenBytes = 48 * 1024 * 1024
const leastUnseenBytes = 2 * 1024 * 1024

/** Why an instance is stopped, or not started; undefined while it is within its limit. */
export function overDiskLimit(usedBytes: number, limitMiB: number): string | undefined {
  const usedMiB = Math.ceil(usedBytes / 1024 / 1024)
  return usedMiB > limitMiB ? `over its disk limit: ${usedMiB} of ${limitMiB} MiB` : undefined
}

/** Bytes that a folder takes on disk, holes not counted; what vanishes meanwhile is not counted either. */
export async function diskUsage(folder: string): Promise<number> {
  const du = promisify(execFile)('/usr/bin/du', ['-sx', '--block-size=1', folder], { env: { LC_ALL: 'C' } })
  const { stdout } = await du.catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }))
  return Number.parseInt(stdout, 10) || 0
}

/**
 * Watches what awake instances take on disk and calls `exceeded` for each that is over its limit: all of them now and
 * then, and at once when the disk lost as much as would bring one of them there. Resolves when `closed` aborts.
 */
export async function watchDisks(
  places: Places,
  running: ReadonlyMap<string, Pick<RunRecord, 'instance' | 'diskMiB'>>,
  exceeded: (instance: string, reason: string) => Promise<void>,
  closed: AbortSignal,
  seen: (instance: string, usedBytes: number) => void = () => {},
): Promise<void> {
  let scannedAt = performance.now()
  let freeThen = await freeBytes(places)
  let unseenBytes = mostUnseenBytes
  while (!closed.aborted) {
    await delay(lookEveryMs, undefined, { signal: closed, ref: false }).catch(() => {})
    if (closed.aborted || running.size === 0) continue
    const free = await freeBytes(places)
    if (freeThen - free < unseenBytes && performance.now() - scannedAt < scanEveryMs) {
      // A disk that is being emptied must not hide the next filling.
      freeThen = Math.max(freeThen, free)
      continue
    }
    scannedAt = performance.now()
    freeThen = free
    unseenBytes = mostUnseenBytes
    for (const record of [...running.values()]) {
      const usedBytes = await diskUsage(places.instance(record.instance).root)
      seen(record.instance, usedBytes)
      const reason = overDiskLimit(usedBytes, record.diskMiB)
      if (reason) await exceeded(record.instance, reason)
      else unseenBytes = Math.min(unseenBytes, record.diskMiB * 1024 * 1024 - usedBytes)
    }
    unseenBytes = Math.max(unseenBytes, leastUnseenBytes)
  }
}

async function freeBytes(places: Places): Promise<number> {
  const { bfree, bsize } = await statfs(places.instances)
  return bfree * bsize
}
