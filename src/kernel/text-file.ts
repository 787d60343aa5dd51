import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { YamlProblem } from './yaml.ts'

export type TextRead = { ok: true; text: string } | { ok: false; problems: YamlProblem[] }

/** Text of these bytes, which may have one byte more than the limit to show that there is more; a problem where it is none. */
export function textOfBytes(
  bytes: Uint8Array,
  { file, limitBytes, sizeBytes }: { file: string; limitBytes: number; sizeBytes: number },
): TextRead {
  if (bytes.length > limitBytes)
    return problem(file, 1, {
      found: `${Math.max(sizeBytes, bytes.length)} bytes`,
      expected: `at most ${limitBytes} bytes`,
      remedy: 'Shorten the file, or name the right one.',
    })
  try {
    return { ok: true, text: decode(bytes) }
  } catch {
    return problem(file, firstBadLine(bytes), {
      found: 'bytes that are no UTF-8',
      expected: 'a text file in UTF-8',
      remedy: 'Save the file as UTF-8; this is the first line that is not.',
    })
  }
}

/** Reads no more of a file than the limit. Never throws: what cannot be read is a problem of the whole file, at line 1. */
export function readTextFile(
  path: string,
  { file, limitBytes }: { file: string; limitBytes: number },
): TextRead {
  let handle: number | undefined
  try {
    handle = openSync(path, 'r')
    const stat = fstatSync(handle)
    if (!stat.isFile()) return unreadable(file, stat.isDirectory() ? 'a folder' : 'no regular file')
    const buffer = Buffer.alloc(limitBytes + 1)
    let length = 0
    for (;;) {
      const read = readSync(handle, buffer, length, buffer.length - length, length)
      length += read
      if (read === 0 || length === buffer.length) break
    }
    return textOfBytes(buffer.subarray(0, length), { file, limitBytes, sizeBytes: stat.size })
  } catch (error) {
    return unreadable(file, (error as NodeJS.ErrnoException).code ?? String(error))
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true }).decode(bytes)

function unreadable(file: string, found: string): TextRead {
  return problem(file, 1, {
    found,
    expected: 'a text file in UTF-8',
    remedy: 'Name a file that is there and that who starts this may read.',
  })
}

function problem(
  file: string,
  line: number,
  said: Pick<YamlProblem, 'found' | 'expected' | 'remedy'>,
): TextRead {
  return { ok: false, problems: [{ file, line, at: '(file)', ...said }] }
}

/** No character of UTF-8 has a line's end within it: the first line that does not decode is where it begins. */
function firstBadLine(bytes: Uint8Array): number {
  let [line, from] = [1, 0]
  for (;;) {
    const end = bytes.indexOf(0x0a, from)
    try {
      decode(bytes.subarray(from, end < 0 ? bytes.length : end))
    } catch {
      return line
    }
    if (end < 0) return line
    ;[line, from] = [line + 1, end + 1]
  }
}
