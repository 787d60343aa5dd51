import { createHash, randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** What stands where the log planted something: whether it is there, and as it was planted. */
export type PlantedState = { isThere: boolean; isAsPlanted: boolean; plantedAt: number }

/**
 * A segment of no subject that the log plants beside the real ones, with their owner and modes, for the proof that tries to
 * alter it with other people's rights. It holds random bytes under a header that says what it is, and is in no commit.
 */
export type Planted = {
  /** What is there now; then plants anew where it is not as planted, so that each look stands for itself. */
  look(nowMs: number): PlantedState
}

/** Plants at this path, in place of what an earlier life left there. */
export function plantSegment(path: string): Planted {
  let planted: { sha256: string; at: number } | undefined
  const plant = (nowMs: number) => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    rmSync(path, { force: true, recursive: true })
    const bytes = Buffer.concat([
      Buffer.from('BORGSEG1 planted for a proof; no event is in it\n'),
      randomBytes(256),
    ])
    const fd = openSync(path, 'wx', 0o600)
    try {
      writeSync(fd, bytes)
    } finally {
      closeSync(fd)
    }
    planted = { sha256: sha256(bytes), at: nowMs }
    return planted
  }
  return {
    look(nowMs) {
      const expected = planted ?? plant(nowMs)
      const found = readIfThere(path)
      const isAsPlanted = found !== undefined && sha256(found) === expected.sha256
      if (!isAsPlanted) plant(nowMs)
      return { isThere: found !== undefined, isAsPlanted, plantedAt: expected.at }
    },
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
