import { hash, randomFillSync } from 'node:crypto'
import { canonicalJson, NotCanonical } from '../../drivers/kms/contract/canonical-json.ts'
import type { KeyPlace } from '../../drivers/kms/contract/key-store.ts'
import { LOG_LIMITS } from '../../kernel/log-limits.ts'
import { RECORD_OVERHEAD_BYTES } from '../segments/format.ts'
import { type FrameToWrite, placeKey } from '../segments/writers.ts'
import type { Bundle } from '../tree/tile-store.ts'
import { leafText, type NewEntry, refused } from './entry.ts'

const EVENT_LIMIT_BYTES = LOG_LIMITS.eventBytes
const SALT_BYTES = 32
const scratch = Buffer.alloc(SALT_BYTES + EVENT_LIMIT_BYTES)

/** The entries of one subject within a batch: encoded records whose indices are filled in at commit. */
export type Group = KeyPlace & { records: Buffer; starts: number[]; entries: number[] }

/** A batch with everything done that does not depend on its place in the log. */
export type Prepared = {
  entries: NewEntry[]
  time: number
  bundle: Bundle
  /** Leaf hashes, side by side. */
  hashes: Buffer
  groups: Group[]
}

/** Salts, commits and hashes the entries. AppError `bad_request` or `too_large` when an event cannot be written. */
export function prepare(entries: NewEntry[], time: number): Prepared {
  const count = entries.length
  const texts: string[] = new Array(count)
  const sizes = new Uint32Array(count)
  const sizeOf = new Map<string, { place: KeyPlace; sizeBytes: number; entries: number[] }>()
  for (let i = 0; i < count; i++) {
    const entry = entries[i]!
    const text = textOf(entry, i)
    const sizeBytes = Buffer.byteLength(text)
    if (sizeBytes > EVENT_LIMIT_BYTES)
      throw refused(`entries/${i}/event`, `at most ${EVENT_LIMIT_BYTES} bytes`)
    texts[i] = text
    sizes[i] = sizeBytes
    const name = placeKey(entry)
    let group = sizeOf.get(name)
    if (!group) {
      group = { place: { region: entry.region, subject: entry.subject }, sizeBytes: 0, entries: [] }
      sizeOf.set(name, group)
    }
    group.sizeBytes += RECORD_OVERHEAD_BYTES + entry.key.length + sizeBytes
    group.entries.push(i)
  }

  const salts = randomFillSync(Buffer.allocUnsafe(count * SALT_BYTES))
  const leaves: string[] = new Array(count)
  const groups: Group[] = []
  for (const { place, sizeBytes, entries: members } of sizeOf.values()) {
    const records = Buffer.allocUnsafe(sizeBytes)
    const starts: number[] = []
    let at = 0
    for (const i of members) {
      const entry = entries[i]!
      starts.push(at)
      salts.copy(records, at + 8, i * SALT_BYTES, (i + 1) * SALT_BYTES)
      const { length } = entry.key
      records.writeUInt16BE(length, at + 40)
      records.write(entry.key, at + 42, 'latin1')
      const eventAt = at + 42 + length + 4
      const size = sizes[i]!
      records.writeUInt32BE(size, eventAt - 4)
      records.write(texts[i]!, eventAt, 'utf8')
      records.copy(scratch, 0, at + 8, at + 40)
      records.copy(scratch, SALT_BYTES, eventAt, eventAt + size)
      const commitment = hash('sha256', scratch.subarray(0, SALT_BYTES + size), 'hex')
      leaves[i] = leafText(commitment, entry, time)
      at = eventAt + size
    }
    groups.push({ ...place, records, starts, entries: members })
  }
  return { entries, time, groups, ...bundleOf(leaves) }
}

/** Bundle and leaf hashes of leaf data given as ASCII text; made as one text each, for one copy instead of many. */
function bundleOf(leaves: string[]): { bundle: Bundle; hashes: Buffer } {
  const ends = new Uint32Array(leaves.length)
  let entries = ''
  let hashes = ''
  let end = 0
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i]!
    end += 2 + leaf.length
    ends[i] = end
    entries += String.fromCharCode(leaf.length >>> 8, leaf.length & 255) + leaf
    hashes += hash('sha256', `\0${leaf}`, 'binary')
  }
  return { bundle: { bytes: Buffer.from(entries, 'latin1'), ends }, hashes: Buffer.from(hashes, 'latin1') }
}

/** Fills in the indices of a group's records, given that of the batch's first entry. */
function numberRecords(group: Group, first: number): void {
  for (let i = 0; i < group.starts.length; i++) {
    const index = first + group.entries[i]!
    group.records.writeUInt32BE(Math.floor(index / 2 ** 32), group.starts[i]!)
    group.records.writeUInt32BE(index % 2 ** 32, group.starts[i]! + 4)
  }
}

/** One frame for each subject, its records in the order of the log. */
export function framesOf(batches: { prepared: Prepared; first: number }[]): FrameToWrite[] {
  const frames = new Map<string, FrameToWrite>()
  for (const { prepared, first } of batches)
    for (const group of prepared.groups) {
      numberRecords(group, first)
      const place: KeyPlace = { region: group.region, subject: group.subject }
      const [firstIndex, last] = [first + group.entries[0]!, first + group.entries.at(-1)!]
      const frame = frames.get(placeKey(place)) ?? {
        ...place,
        first: firstIndex,
        last,
        count: 0,
        plaintext: [],
      }
      frame.last = last
      frame.count += group.entries.length
      frame.plaintext.push(group.records)
      frames.set(placeKey(place), frame)
    }
  return [...frames.values()]
}

function textOf(entry: NewEntry, i: number): string {
  try {
    return canonicalJson(entry.event)
  } catch (error) {
    if (error instanceof NotCanonical)
      throw refused(`entries/${i}/event`, `JSON that can be written: ${error.message}`)
    throw error
  }
}
