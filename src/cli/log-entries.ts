import { setTimeout as pause } from 'node:timers/promises'
import type { ApiClient } from '../api-client/client.ts'
import type { components } from '../api-client/schema.ts'
import type { Session } from './command.ts'
import { moment, printable } from './printable.ts'

export type LogEntry = components['schemas']['LogEntry']
export type Filter = { subject?: string; stream?: string; type?: string }
type Page = { items: LogEntry[]; next: number | null }
type Read = (asked: { from?: number; limit: number; reverse: 'true' | 'false' }) => Promise<Page>
/** What everybody may see of an entry. */
type Header = { stream: string; subject: string; type: string }

export const STREAMS = ['event', 'audit', 'error', 'administrator', 'operator'] as const

const PAGE_LIMIT = 100
const BUNDLE_ENTRIES = 256
const POLL_MS = 500
const LOOKED = /\.looked$/

/** The newest of the first `size` entries, oldest of them first: what this very reading adds to the log is not among them. */
export async function newestEntries(read: Read, size: number, lines: number): Promise<LogEntry[]> {
  const items: LogEntry[] = []
  for (let from = size - 1; from >= 0 && items.length < lines; ) {
    const page = await read({ from, limit: Math.min(PAGE_LIMIT, lines - items.length), reverse: 'true' })
    items.push(...page.items)
    if (page.next === null) break
    from = page.next
  }
  return items.reverse()
}

/**
 * Waits for entries from this index on and hands them over, for ever. Reading entries is itself logged: it is only done when
 * the public headers of the new ones show something that is asked for and is more than somebody's look.
 */
export async function followEntries(
  api: ApiClient,
  given: { from: number; filter: Filter; read: Read; show: (entry: LogEntry) => void },
): Promise<never> {
  let { from } = given
  for (;;) {
    const { size } = await api.get('/v1/log')
    if (size > from) {
      const wanted = (await headersOf(api, from, size)).some((header) => matches(header, given.filter))
      if (wanted) await showRange(given, from, size)
      from = size
    }
    await pause(POLL_MS)
  }
}

async function showRange(
  { filter, read, show }: { filter: Filter; read: Read; show: (entry: LogEntry) => void },
  from: number,
  to: number,
): Promise<void> {
  for (let next: number | null = from; next !== null && next < to; ) {
    const page: Page = await read({ from: next, limit: PAGE_LIMIT, reverse: 'false' })
    for (const entry of page.items) if (entry.index < to && matches(entry, filter)) show(entry)
    next = page.next
  }
}

function matches({ stream, subject, type }: Header, filter: Filter): boolean {
  if (LOOKED.test(type) && filter.type !== type) return false
  return (
    (filter.stream ?? stream) === stream &&
    (filter.subject ?? subject) === subject &&
    (filter.type ?? type) === type
  )
}

/** The public headers of the entries [from, to), out of the tree's bundles. */
async function headersOf(api: ApiClient, from: number, to: number): Promise<Header[]> {
  const headers: Header[] = []
  for (let bundle = Math.floor(from / BUNDLE_ENTRIES); bundle * BUNDLE_ENTRIES < to; bundle += 1) {
    const first = bundle * BUNDLE_ENTRIES
    const bytes = await readTile(api, tilePath('entries', bundle, Math.min(BUNDLE_ENTRIES, to - first)))
    let at = 0
    for (let index = first; at + 2 <= bytes.length; index += 1) {
      const length = bytes.readUInt16BE(at)
      const leaf = bytes.subarray(at + 2, at + 2 + length)
      if (index >= from && index < to) headers.push(JSON.parse(leaf.toString('utf8')))
      at += 2 + length
    }
  }
  return headers
}

/** A tile's path as C2SP tlog-tiles writes it, such as `tile/0/x001/234.p/12`. */
export function tilePath(level: number | 'entries', tile: number, width: number): string {
  const groups: string[] = []
  for (let rest = tile, last = true; last || rest > 0; rest = Math.floor(rest / 1000), last = false)
    groups.unshift(`${last ? '' : 'x'}${String(rest % 1000).padStart(3, '0')}`)
  return `tile/${level}/${groups.join('/')}${width === BUNDLE_ENTRIES ? '' : `.p/${width}`}`
}

/** The bytes of a tile. */
export async function readTile(api: ApiClient, path: string): Promise<Buffer> {
  const { body } = await api.stream({ method: 'GET', path: `/v1/log/${path}` })
  return Buffer.concat(await body.toArray())
}

/** A line that an instance wrote, or what happened to it, for people. */
export function outputLine({ terminal }: Session, { time, stream, type, event }: LogEntry): string {
  const written = event?.text ?? event?.record
  const isOutput = type.endsWith('.output') && written !== undefined
  const text = isOutput ? written : (event ?? '(erased: its key was destroyed)')
  return [
    terminal.paint('dim', moment(time)),
    terminal.paint(stream === 'error' ? 'red' : 'cyan', type === 'app.output' ? stream : printable(type)),
    printable(typeof text === 'string' ? text : JSON.stringify(text)),
  ].join('  ')
}

/** An entry in one line for people. */
export function entryLine({ terminal }: Session, entry: LogEntry): string {
  const { index, time, stream, subject, type, event } = entry
  const shown = event === null ? '(erased: its key was destroyed)' : JSON.stringify(event)
  return [
    terminal.paint('dim', String(index).padStart(7)),
    terminal.paint('dim', moment(time)),
    terminal.paint(stream === 'error' ? 'red' : 'cyan', stream.padEnd(13)),
    subject === 'plane' ? 'plane' : printable(subject),
    terminal.paint('bold', printable(type)),
    printable(shown),
  ].join('  ')
}
