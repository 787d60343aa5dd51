import fs from 'node:fs'

/** A whole small file, or why there is none. */
export type FileRead =
  | { kind: 'read'; bytes: Buffer }
  | { kind: 'missing' }
  | { kind: 'too_long'; sizeBytes: number }
  | { kind: 'not_a_file' }
  | { kind: 'unreadable'; reason: string }

// Neither a link nor a pipe that an attacker placed may be followed or waited for. (Both flags are absent on Windows.)
const flags = fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0)

/** Reads a regular file of at most this many bytes, into the given buffer if there is one; never throws. */
export function readFile(path: string, limitBytes: number, into?: Buffer): FileRead {
  let file: number | undefined
  try {
    file = fs.openSync(path, flags)
    const stat = fs.fstatSync(file)
    if (!stat.isFile()) return { kind: 'not_a_file' }
    if (stat.size > limitBytes) return { kind: 'too_long', sizeBytes: stat.size }
    return { kind: 'read', bytes: readAll(file, into?.subarray(0, stat.size) ?? Buffer.alloc(stat.size)) }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' }
    if (code === 'ELOOP' || code === 'EISDIR' || code === 'ENXIO') return { kind: 'not_a_file' }
    return { kind: 'unreadable', reason: code }
  } finally {
    if (file !== undefined) fs.closeSync(file)
  }
}

function readAll(file: number, bytes: Buffer): Buffer {
  let done = 0
  while (done < bytes.length) {
    const count = fs.readSync(file, bytes, done, bytes.length - done, done)
    if (count === 0) break
    done += count
  }
  return bytes.subarray(0, done)
}
