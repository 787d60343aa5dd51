import { AppError } from '../../kernel/errors.ts'
import { LOG_LIMITS } from '../../kernel/log-limits.ts'

/** The streams of the log, by who may read them. */
export const STREAMS = ['event', 'audit', 'error', 'administrator', 'operator'] as const
export type Stream = (typeof STREAMS)[number]

/** What is appended; `event` is sealed, all else but `key` is public. `key` makes a repetition harmless. */
export type NewEntry = {
  key: string
  stream: Stream
  subject: string
  region: string
  type: string
  event: Record<string, unknown>
}

/** The public header of an entry, as it stands in the leaf. */
export type LeafHeader = {
  c: string
  region: string
  stream: Stream
  subject: string
  time: number
  type: string
  v: 1
}

const BATCH_LIMIT = LOG_LIMITS.batchEntries

const REGION = /^[a-z][a-z0-9-]{0,31}$/
const SUBJECT = /^(?:plane|[a-z]{3}_[0-9a-hjkmnp-tv-z]{26})$/
const TYPE = /^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*$/
const TYPE_LIMIT = 64
const KEY = /^[\x21-\x7e]{1,200}$/
const COMMITMENT = /^[0-9a-f]{64}$/
const MEMBERS = 6

/**
 * Checks a batch from outside by hand: this is the log's hot path, and zod takes several times as long as sealing the
 * entry. AppError `bad_request` names the first entry and member that is wrong.
 */
export function parseBatch(body: unknown): NewEntry[] {
  const entries = isObject(body) && Object.keys(body).length === 1 ? body.entries : undefined
  if (!Array.isArray(entries)) throw refused('body', 'an object with one member, the list `entries`')
  if (entries.length === 0 || entries.length > BATCH_LIMIT)
    throw refused('entries', `1 to ${BATCH_LIMIT} entries, not ${entries.length}`)
  for (let i = 0; i < entries.length; i++) {
    const entry: unknown = entries[i]
    const at = `entries/${i}`
    if (!isObject(entry)) throw refused(at, 'an object')
    const { key, stream, subject, region, type, event } = entry
    if (typeof key !== 'string' || !KEY.test(key))
      throw refused(`${at}/key`, '1 to 200 printable ASCII characters')
    if (!STREAMS.includes(stream as Stream)) throw refused(`${at}/stream`, `one of ${STREAMS.join(', ')}`)
    if (typeof subject !== 'string' || !SUBJECT.test(subject))
      throw refused(`${at}/subject`, '`plane` or an id')
    if (typeof region !== 'string' || !REGION.test(region))
      throw refused(`${at}/region`, 'the name of a region')
    if (typeof type !== 'string' || type.length > TYPE_LIMIT || !TYPE.test(type))
      throw refused(`${at}/type`, 'lower-case words joined by dots, such as contact.created')
    if (!isObject(event)) throw refused(`${at}/event`, 'an object')
    if (Object.keys(entry).length !== MEMBERS)
      throw refused(at, 'only key, stream, subject, region, type and event')
  }
  return entries as NewEntry[]
}

/** Leaf data of a header, as text (all of it ASCII): the canonical JSON of its seven members. */
export function leafText(commitment: string, entry: NewEntry, time: number): string {
  return `{"c":"${commitment}","region":"${entry.region}","stream":"${entry.stream}","subject":"${entry.subject}","time":${time},"type":"${entry.type}","v":1}`
}

/** The header in leaf data; undefined unless it is well formed to the last byte. */
export function parseLeaf(leaf: Buffer): LeafHeader | undefined {
  try {
    const header = JSON.parse(leaf.toString('latin1')) as LeafHeader
    const { c, region, stream, subject, time, type, v } = header
    const good =
      v === 1 &&
      COMMITMENT.test(c) &&
      REGION.test(region) &&
      STREAMS.includes(stream) &&
      SUBJECT.test(subject) &&
      Number.isSafeInteger(time) &&
      time >= 0 &&
      type.length <= TYPE_LIMIT &&
      TYPE.test(type)
    const text = good ? leafText(c, { region, stream, subject, type, key: '', event: {} }, time) : ''
    return leaf.equals(Buffer.from(text, 'latin1')) ? header : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function refused(at: string, expected: string): AppError {
  return new AppError('bad_request', `The log takes no such entry: ${at} is not what it should be.`, {
    remedy: `Expected at ${at}: ${expected}. Nothing was appended.`,
    detail: { at, expected },
  })
}
