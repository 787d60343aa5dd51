import type { KeyPlace } from '../../drivers/kms/contract/key-store.ts'
import { AppError, isAppError } from '../../kernel/errors.ts'
import type { SealedRecord } from '../segments/format.ts'
import { lastAtMost } from '../segments/readers.ts'
import { inclusionPath } from '../tree/prove.ts'
import { TILE_WIDTH } from '../tree/tile-path.ts'
import { type LeafHeader, parseLeaf, type Stream } from './entry.ts'
import type { Log } from './log.ts'

/** Headers looked at in one page, so that a rare type in a long log cannot hold the process up. */
const SCANNED_HEADERS = 65_536
/** Frames opened in one page of one subject. */
const SCANNED_FRAMES = 4_096

/** What to read; `from` is the first index (with `reverse`: the last), `limit` the most entries. */
export type Question = {
  subject?: string | undefined
  region?: string | undefined
  stream?: Stream | undefined
  /** The whole type; with an asterisk at its end all that begin so. */
  type?: string | undefined
  /** A text that the header has somewhere in its type, subject, region or stream. */
  text?: string | undefined
  /** Not before, and not after: epoch ms by the log's own clock. */
  since?: number | undefined
  until?: number | undefined
  from?: number | undefined
  limit: number
  reverse: boolean
}

/** An entry with its event opened; `event` and `salt` are null when the subject's key was destroyed. */
export type ReadEntry = {
  index: number
  time: number
  stream: Stream
  subject: string
  region: string
  type: string
  event: unknown
  salt: string | null
}

/** A page; `next` is the `from` of the next one, null at the end. A page may be short, or empty, and yet have a next. */
export type Page = { entries: ReadEntry[]; next: number | null }

/** Reads entries with their events, in the order of the log or against it. */
export async function readEntries(log: Log, question: Question): Promise<Page> {
  const size = log.tiles.size
  const first = question.since === undefined ? 0 : await firstAtOrAfter(log, question.since, size)
  const end = question.until === undefined ? size : await firstAtOrAfter(log, question.until + 1, size)
  const start = question.reverse
    ? Math.min(question.from ?? end - 1, end - 1)
    : Math.max(question.from ?? first, first)
  if (start < first || start >= end) return { entries: [], next: null }
  const page = await (question.subject === undefined
    ? readByHeader(log, question, start, size)
    : readBySubject(log, { ...question, subject: question.subject }, start, size))
  const isOver = page.next !== null && (page.next < first || page.next >= end)
  return isOver ? { ...page, next: null } : page
}

/** The first index with this time or a later one, by halving; the log's times only grow while nobody sets its clock back. */
async function firstAtOrAfter(log: Log, time: number, size: number): Promise<number> {
  let [low, high] = [0, size]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((await headerAt(log, middle)).time < time) low = middle + 1
    else high = middle
  }
  return low
}

async function readByHeader(log: Log, question: Question, start: number, size: number): Promise<Page> {
  const step = question.reverse ? -1 : 1
  const found: { index: number; header: LeafHeader }[] = []
  let index = start
  for (let scanned = 0; scanned < SCANNED_HEADERS && index >= 0 && index < size; scanned++, index += step) {
    const header = await headerAt(log, index)
    if (matches(header, question)) found.push({ index, header })
    if (found.length === question.limit) {
      index += step
      break
    }
  }
  const entries: ReadEntry[] = []
  for (const { index: at, header } of found) entries.push(await openEntry(log, at, header))
  return { entries, next: index >= 0 && index < size ? index : null }
}

/** By the subject's own segments, which skip all that lies between. */
async function readBySubject(
  log: Log,
  question: Question & { subject: string },
  start: number,
  size: number,
): Promise<Page> {
  const places = log
    .places()
    .filter(({ subject, region }) => subject === question.subject && region === (question.region ?? region))
  // Only `plane` may lie in several regions; then the headers tell the order.
  if (places.length > 1) return readByHeader(log, question, start, size)
  const place = places[0]
  if (!place) return { entries: [], next: null }
  const { reverse, limit } = question
  const entries: ReadEntry[] = []
  let next: number | null = null
  let opened = 0
  for await (const { first, last, records } of framesFrom(log, place, start, reverse)) {
    if (entries.length >= limit || opened++ >= SCANNED_FRAMES) {
      next = reverse ? last : first
      break
    }
    const indices = records ? records.map((record) => record.index) : await indicesOf(log, place, first, last)
    for (const index of reverse ? indices.reverse() : indices) {
      if (reverse ? index > start : index < start) continue
      if (entries.length >= limit) return { entries, next: index }
      const header = await headerAt(log, index)
      if (matches(header, question))
        entries.push(
          entryOf(
            index,
            header,
            records?.find((one) => one.index === index),
          ),
        )
    }
  }
  return { entries, next }
}

type Frame = { first: number; last: number; records: SealedRecord[] | undefined }

async function* framesFrom(
  log: Log,
  place: KeyPlace,
  start: number,
  reverse: boolean,
): AsyncGenerator<Frame> {
  const all = await log.segments.segmentsOf(place)
  const at = Math.max(lastAtMost(all, start), 0)
  const segments = reverse ? all.slice(0, at + 1).reverse() : all.slice(at)
  for (const segment of segments) {
    const { first, last } = await log.segments.frames(place, segment)
    const numbers = first.map((_, i) => i).filter((i) => (reverse ? first[i]! <= start : last[i]! >= start))
    for (const i of reverse ? numbers.reverse() : numbers) {
      const frame = await log.segments.openFrame(place, segment, i)
      yield { first: first[i]!, last: last[i]!, records: frame.erased ? undefined : frame.records }
    }
  }
}

/** The indices of a subject's entries in a range, by their headers: an erased frame does not tell. */
async function indicesOf(log: Log, place: KeyPlace, first: number, last: number): Promise<number[]> {
  const indices: number[] = []
  for (let index = first; index <= last; index++) {
    const { subject, region } = await headerAt(log, index)
    if (subject === place.subject && region === place.region) indices.push(index)
  }
  return indices
}

/** What a stranger needs to check one entry (docs/evidence-format.md, section 6.3). */
export async function exportEntry(log: Log, index: number): Promise<Record<string, unknown>> {
  const leaf = await leafAt(log, index)
  const header = await headerAt(log, index)
  const sealed = await findSealed(log, index, header)
  // Both at once: a commit between them would give a proof for another size than the checkpoint's.
  const [{ size }, note] = [log.tiles, log.checkpoint()]
  const hashes = await inclusionPath(index, size, log.tiles.hashes)
  return {
    format: 'borgen-event-1',
    origin: log.signer.origin,
    index,
    leaf: leaf.toString('latin1'),
    salt: sealed?.salt.toString('hex') ?? null,
    event: sealed?.event.toString('utf8') ?? null,
    proof: { format: 'borgen-inclusion-1', index, size, hashes: hashes.map((hash) => hash.toString('hex')) },
    checkpoint: note,
  }
}

async function leafAt(log: Log, index: number): Promise<Buffer> {
  const leaf =
    index < log.tiles.size
      ? (await log.tiles.entries(Math.floor(index / TILE_WIDTH)))[index % TILE_WIDTH]
      : undefined
  if (!leaf)
    throw new AppError('not_found', `The log has no entry ${index}.`, {
      remedy: 'Entries count from 0; `borgen status` says how many there are.',
    })
  return leaf
}

async function headerAt(log: Log, index: number): Promise<LeafHeader> {
  const header = parseLeaf(await leafAt(log, index))
  if (!header) throw damaged(`the leaf of entry ${index} is not well formed`)
  return header
}

async function openEntry(log: Log, index: number, header: LeafHeader): Promise<ReadEntry> {
  return entryOf(index, header, await findSealed(log, index, header))
}

async function findSealed(log: Log, index: number, header: LeafHeader): Promise<SealedRecord | undefined> {
  try {
    const sealed = await log.segments.find(header, index)
    if (sealed === undefined) throw damaged(`the sealed event of entry ${index} is missing`)
    return sealed === 'erased' ? undefined : sealed
  } catch (error) {
    if (isAppError(error, 'forbidden'))
      throw damaged(`the sealed event of entry ${index} does not open`, error)
    throw error
  }
}

function entryOf(index: number, header: LeafHeader, sealed: SealedRecord | undefined): ReadEntry {
  const { time, stream, subject, region, type } = header
  const event: unknown = sealed ? JSON.parse(sealed.event.toString('utf8')) : null
  return { index, time, stream, subject, region, type, event, salt: sealed?.salt.toString('hex') ?? null }
}

function matches(header: LeafHeader, question: Question): boolean {
  const { subject, region, stream, type, text, since, until } = question
  return (
    (since === undefined || header.time >= since) &&
    (until === undefined || header.time <= until) &&
    (text === undefined ||
      `${header.type} ${header.subject} ${header.region} ${header.stream}`.includes(text.toLowerCase())) &&
    (subject === undefined || header.subject === subject) &&
    (region === undefined || header.region === region) &&
    (stream === undefined || header.stream === stream) &&
    (type === undefined ||
      (type.endsWith('*') ? header.type.startsWith(type.slice(0, -1)) : header.type === type))
  )
}

function damaged(what: string, cause?: unknown): AppError {
  return new AppError('internal', `The log is damaged: ${what}.`, {
    remedy:
      'Run `borgen log verify`: it names every damaged place. Do not start over: the folder is evidence.',
    cause,
  })
}
