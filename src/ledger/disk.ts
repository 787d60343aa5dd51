import {
  closeSync,
  fdatasync,
  fsync,
  ftruncateSync,
  openSync,
  renameSync,
  writeSync,
  writevSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'

const fdatasyncOf = promisify(fdatasync)
const fsyncOf = promisify(fsync)

/**
 * Every way in which the log changes its disk. Writes throw what the system says (ENOSPC, EIO); the crash tests wrap this
 * one object to make each of them fail, or the process die, at each step.
 */
export type Disk = {
  /** Writes all the pieces at this offset; a short write is continued. */
  write(fd: number, pieces: Uint8Array[], at: number): void
  truncate(fd: number, length: number): void
  /** Resolves when data and size of the file are on stable storage. */
  sync(fd: number): Promise<void>
  /** Puts a whole file in place by rename from `temporary` (same file system), without waiting for stable storage. */
  replace(path: string, bytes: Uint8Array, temporary: string): void
  /** Renames a file, without waiting for stable storage. */
  move(from: string, to: string): void
  /** fsync of a file or folder by its path. */
  syncPath(path: string): Promise<void>
}

/** The machine's own disk. */
export const systemDisk: Disk = {
  write(fd, pieces, at) {
    const total = pieces.reduce((sum, piece) => sum + piece.length, 0)
    let written = pieces.length === 1 ? writeSync(fd, pieces[0]!, 0, total, at) : writevSync(fd, pieces, at)
    if (written === total) return
    const rest = Buffer.concat(pieces)
    while (written < total) written += writeSync(fd, rest, written, total - written, at + written)
  },
  truncate: ftruncateSync,
  sync: fdatasyncOf,
  replace(path, bytes, temporary) {
    const fd = openSync(temporary, 'w', 0o600)
    try {
      let written = 0
      while (written < bytes.length) written += writeSync(fd, bytes, written)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  },
  move: renameSync,
  async syncPath(path) {
    const handle = await open(path, 'r')
    try {
      await fsyncOf(handle.fd)
    } finally {
      await handle.close()
    }
  },
}
