import { createHash } from 'node:crypto'
import type { LogEntry } from '../../changes/store.ts'

const STREAMS = ['event', 'audit', 'error', 'administrator', 'operator'] as const
const LINE_LIMIT_BYTES = 16 * 1024
const DEPTH_LIMIT = 16

export type OutputLine = { text: string; truncated: boolean; endBytes: number }

/**
 * Whole lines in a chunk that begins at `offsetBytes`, without their newlines. A line longer than 16 KiB is cut and says so; the
 * rest of an unfinished line is left for the next chunk unless it already fills this one.
 */
export function linesOf(chunk: Buffer, offsetBytes: number, limitBytes: number): OutputLine[] {
  const lines: OutputLine[] = []
  let start = 0
  for (let end = chunk.indexOf(10, start); end !== -1; end = chunk.indexOf(10, start)) {
    lines.push(lineOf(chunk.subarray(start, end), offsetBytes + end + 1))
    start = end + 1
  }
  if (lines.length === 0 && chunk.length >= limitBytes) lines.push(lineOf(chunk, offsetBytes + chunk.length))
  return lines.filter((line, at) => line.text !== '' || at === lines.length - 1)
}

function lineOf(bytes: Buffer, endBytes: number): OutputLine {
  const truncated = bytes.length > LINE_LIMIT_BYTES
  return { text: bytes.subarray(0, LINE_LIMIT_BYTES).toString('utf8').toWellFormed(), truncated, endBytes }
}

/**
 * A line of an instance's output (outside text: parsed with care, never trusted) as an entry of its log. JSON lines may name one
 * of the five streams in `stream`; other lines are events from stdout and errors from stderr, but for what PostgreSQL only notes.
 */
export function entryOf(
  place: { instance: string; region: string; file: string },
  line: OutputLine,
): LogEntry {
  const object = objectIn(line.text)
  const named = STREAMS.find((stream) => stream === object?.stream)
  return {
    // the content is in the key: a file that was cut and written anew does not repeat another's entries
    key: `${place.instance}:${place.file}:${line.endBytes}:${createHash('sha256').update(line.text).digest('hex').slice(0, 16)}`,
    stream: named ?? (place.file === 'app.out' || isDatabaseNews(place.file, line.text) ? 'event' : 'error'),
    subject: place.instance,
    region: place.region,
    type: place.file === 'database.log' ? 'database.output' : 'app.output',
    event: {
      instance: place.instance,
      file: place.file,
      ...(object ? { record: object } : { text: line.text }),
      ...(line.truncated ? { truncated: true } : {}),
    },
  }
}

// PostgreSQL writes all to stderr; what follows an error (DETAIL, STATEMENT) stays with it.
const isDatabaseNews = (file: string, text: string) =>
  file === 'database.log' && /^[^:]*:\d\d:\d\d[^:]* LOG: {2}/.test(text)

function objectIn(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && isShallow(value, DEPTH_LIMIT)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return (
    depth > 0 &&
    Object.entries(value).every(([key, inner]) => key.isWellFormed() && isShallow(inner, depth - 1))
  )
}
