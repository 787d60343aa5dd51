import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Running } from './life.ts'
import type { Places } from './places.ts'

const lookEveryMs = 300
const scanEveryMs = 30_000
/** A scan is due at once when the file system lost this much since the last one. */
const suspiciousBytes = 48 * 1024 * 1024

/** Bytes that a folder takes on disk, holes not counted; what vanishes meanwhile is not counted either. */
export async function diskUsage(folder: string): Promise<number> {
  const du = promisify(execFile)('/usr/bin/du', ['-sx', '--block-size=1', folder], { env: { LC_ALL: 'C' } })
  const { stdout } = await du.catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }))
  return Number.parseInt(stdout, 10) || 0
}

/**
 * Watches what awake instances take on disk and calls `exceeded` for each that is over its limit: all of them now and
 * then, and at once when the disk fills quickly. Resolves when `closed` aborts.
 */
export async function watchDisks(
  places: Places,
  running: ReadonlyMap<string, Running>,
  exceeded: (instance: string, usedMiB: number) => Promise<void>,
  closed: AbortSignal,
): Promise<void> {
  let scannedAt = performance.now()
  let freeThen = await freeBytes(places)
  while (!closed.aborted) {
    await delay(lookEveryMs, undefined, { signal: closed, ref: false }).catch(() => {})
    if (closed.aborted || running.size === 0) continue
    const free = await freeBytes(places)
    if (freeThen - free < suspiciousBytes && performance.now() - scannedAt < scanEveryMs) {
      // A disk that is being emptied must not hide the next filling.
      freeThen = Math.max(freeThen, free)
      continue
    }
    for (const record of [...running.values()]) {
      const usedMiB = (await diskUsage(places.instance(record.instance).root)) / 1024 / 1024
      if (usedMiB > record.diskMiB) await exceeded(record.instance, Math.round(usedMiB))
    }
    scannedAt = performance.now()
    freeThen = await freeBytes(places)
  }
}

async function freeBytes(places: Places): Promise<number> {
  const { bfree, bsize } = await statfs(places.instances)
  return bfree * bsize
}
