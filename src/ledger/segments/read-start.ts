import { closeSync, openSync, readSync } from 'node:fs'
import { SEGMENT_HEADER_READ_BYTES } from './format.ts'

/** The first bytes of a segment file: enough for its header. */
export function readStart(path: string): Buffer {
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(SEGMENT_HEADER_READ_BYTES)
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(fd)
  }
}
