import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'

/**
 * What the witness saw last of each log, in files of its folder. A witness that forgets can be shown another history: what
 * is remembered is on stable storage when `remember` returns, whole at every moment.
 */
export type Memory = {
  /** The newest cosigned checkpoint of a log, with its signatures; undefined when there was never one. Throws when it is damaged. */
  recall(origin: string): { note: string; checkpoint: Checkpoint } | undefined
  /** Throws when it could not be made durable: then nothing may be answered. */
  remember(origin: string, note: string): void
}

/** The hash by which c2sp.org/tlog-witness names a log in paths. */
export function originHash(origin: string): string {
  return createHash('sha256').update(origin).digest('hex')
}

/** Memory in this folder; `step` is called between the steps of a write, for tests. */
export function openMemory(folder: string, step: (name: string) => void = () => {}): Memory {
  const fileOf = (origin: string) => join(folder, `${originHash(origin)}.checkpoint`)
  return {
    recall(origin) {
      const file = fileOf(origin)
      if (!existsSync(file)) return undefined
      const note = readFileSync(file, 'utf8')
      const checkpoint = parseCheckpoint(note)
      // Never taken for "nothing seen yet": that would let a log begin anew.
      if (checkpoint?.origin !== origin)
        throw new Error(`${file} is not what this witness wrote there; put it back from a copy`)
      return { note, checkpoint }
    },
    remember(origin, note) {
      const file = fileOf(origin)
      const fd = openSync(`${file}.new`, 'w', 0o600)
      try {
        const bytes = Buffer.from(note)
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
        step('written')
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      step('synced')
      renameSync(`${file}.new`, file)
      step('renamed')
      syncFolder(folder)
      step('remembered')
    },
  }
}

/** Makes what was renamed or made in a folder durable. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
