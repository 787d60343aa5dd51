import { createHash } from 'node:crypto'
import type { LogEntry } from '../../changes/store.ts'
import { canonicalJson } from '../../drivers/kms/contract/canonical-json.ts'
import { newId } from '../../kernel/ids.ts'
import { LOG_LIMITS } from '../../kernel/log-limits.ts'

const STREAMS = ['event', 'audit', 'error', 'administrator', 'operator'] as const
const LINE_LIMIT_BYTES = 16 * 1024
const DEPTH_LIMIT = 16
/** Half of what the log takes, which leaves room for what stands around the entries. */
const BATCH = { entries: LOG_LIMITS.batchEntries / 2, bytes: LOG_LIMITS.batchBytes / 2 }
/** No UTF-16 unit of a line takes more in JSON (a control character as text, the digits of `1e20` as a number). */
const WIDEST = 6
const AROUND_BYTES = 1024

/** `nulBytes` stood before the text: what an instance leaves that cuts its output short and writes on behind the end. */
export type OutputLine = { text: string; truncated: boolean; endBytes: number; nulBytes: number }

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
  return lines.filter((line, at) => !isEmpty(line) || at === lines.length - 1)
}

/** Whether there is nothing in it to log. */
export const isEmpty = (line: OutputLine) => line.text === '' && line.nulBytes === 0

function lineOf(whole: Buffer, endBytes: number): OutputLine {
  let nulBytes = 0
  while (whole[nulBytes] === 0) nulBytes++
  const bytes = whole.subarray(nulBytes)
  const truncated = bytes.length > LINE_LIMIT_BYTES
  const text = bytes.subarray(0, LINE_LIMIT_BYTES).toString('utf8').toWellFormed()
  return { text, truncated, endBytes, nulBytes }
}

/**
 * A line of an instance's output (outside text: parsed with care, never trusted) as an entry that the log takes, whatever it
 * is. JSON lines may name one of the five streams in `stream`; other lines are events from stdout and errors from stderr, but
 * for what PostgreSQL only notes.
 */
export function entryOf(
  place: { instance: string; region: string; file: string },
  line: OutputLine,
): LogEntry {
  const object = objectIn(line.text)
  const content = line.nulBytes > 0 ? `${line.nulBytes} ${line.text}` : line.text
  const named = STREAMS.find((stream) => stream === object?.stream)
  return {
    // the content is in the key: a file that was cut and written anew does not repeat another's entries
    key: `${place.instance}:${place.file}:${line.endBytes}:${createHash('sha256').update(content).digest('hex').slice(0, 16)}`,
    stream: named ?? (place.file === 'app.out' || isDatabaseNews(place.file, line.text) ? 'event' : 'error'),
    subject: place.instance,
    region: place.region,
    type: place.file === 'database.log' ? 'database.output' : 'app.output',
    event: eventOf(place, line, object),
  }
}

function eventOf(
  place: { instance: string; file: string },
  line: OutputLine,
  record: Record<string, unknown> | undefined,
): Record<string, unknown> {
  const around = {
    instance: place.instance,
    file: place.file,
    ...(line.nulBytes > 0 ? { nulBytes: line.nulBytes } : {}),
  }
  const event = {
    ...around,
    ...(record ? { record } : { text: line.text }),
    ...(line.truncated ? { truncated: true } : {}),
  }
  // Its size is measured where it may be too much only: most lines are short.
  if (line.text.length * WIDEST + AROUND_BYTES <= LOG_LIMITS.eventBytes) return event
  if (sizeOf(event) <= LOG_LIMITS.eventBytes) return event
  const asText = { ...around, text: line.text, ...(line.truncated ? { truncated: true } : {}) }
  if (record && sizeOf(asText) <= LOG_LIMITS.eventBytes) return asText
  const cut = { ...around, text: '', truncated: true }
  const roomBytes = LOG_LIMITS.eventBytes - sizeOf(cut)
  return { ...cut, text: beginningOf(line.text, roomBytes) }
}

const sizeOf = (event: unknown) => Buffer.byteLength(canonicalJson(event))

/** As much of a text as fits into so many bytes of JSON, without its quotes. */
function beginningOf(text: string, roomBytes: number): string {
  let end = 0
  let left = roomBytes
  for (const character of text) {
    left -= Buffer.byteLength(JSON.stringify(character)) - 2
    if (left < 0) break
    end += character.length
  }
  return text.slice(0, end)
}

/** The entries, in their order, in parts that the log takes at once. */
export function batchesOf(entries: LogEntry[]): LogEntry[][] {
  const batches: LogEntry[][] = []
  let bytes = 0
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1
    const last = batches.at(-1)
    if (last && last.length < BATCH.entries && bytes + size <= BATCH.bytes) last.push(entry)
    else {
      batches.push([entry])
      bytes = 0
    }
    bytes += size
  }
  return batches
}

/** Stands in the log for a line that the log does not take: of what came out nothing is lost silently. */
export function refusedEntryOf(entry: LogEntry, because: string): LogEntry {
  const { instance, file } = entry.event
  return {
    ...entry,
    key: `${entry.key}:${newId('evt')}`,
    stream: 'error',
    type: 'output.refused',
    event: { instance, file, because: because.toWellFormed().slice(0, 1000) },
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
  // JSON.parse reads 1e999 as one.
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  return (
    depth > 0 &&
    Object.entries(value).every(([key, inner]) => key.isWellFormed() && isShallow(inner, depth - 1))
  )
}
