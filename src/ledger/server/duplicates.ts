import { canonicalJson } from '../../drivers/kms/contract/canonical-json.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import type { SegmentReaders } from '../segments/readers.ts'
import { TILE_WIDTH } from '../tree/tile-path.ts'
import type { TileStore } from '../tree/tile-store.ts'
import { type NewEntry, parseLeaf } from './entry.ts'
import type { KeyMemory } from './idempotency.ts'
import { type Prepared, prepare } from './prepare.ts'

/** Where an entry stands in the log; `duplicate` when it already stood there before this append. */
export type Answer = { index: number; time: number; duplicate: boolean }

/** A batch with its place: `prepared` are the entries that are new (none: undefined), the first of them at `first`. */
export type Placed = { answers: Answer[]; prepared?: Prepared; first: number; pairs: Uint32Array }

type Given = {
  prepared: Prepared
  next: number
  memory: KeyMemory
  tiles: TileStore
  segments: SegmentReaders
  clock: Clock
}

/**
 * Finds which entries of a batch are in the log already and places the rest from `next` on, remembering their keys.
 * `later` when one may repeat an entry whose commit is still under way. AppError `conflict` when a key was used for
 * another entry; then nothing is remembered.
 */
export async function placeBatch(given: Given): Promise<Placed | 'later'> {
  const { prepared, next, memory } = given
  const pairs = pairsOf(prepared.entries, memory)
  const count = prepared.entries.length
  let i = 0
  while (i < count) {
    const [high, low] = [pairs[2 * i]!, pairs[2 * i + 1]!]
    if (memory.find(high, low).length > 0) break
    memory.insert(high, low, next + i)
    i++
  }
  if (i === count) return { answers: freshAnswers(prepared, next), prepared, first: next, pairs }
  // The rare case: take everything back and look at each entry.
  while (i-- > 0) memory.remove(pairs[2 * i]!, pairs[2 * i + 1]!, next + i)
  return placeSlowly(given, pairs)
}

/** Takes back what a placed batch put into the memory of keys: it was not committed. */
export function forget(memory: KeyMemory, { pairs, first }: Placed): void {
  for (let i = 0; i < pairs.length / 2; i++) memory.remove(pairs[2 * i]!, pairs[2 * i + 1]!, first + i)
}

async function placeSlowly(given: Given, pairs: Uint32Array): Promise<Placed | 'later'> {
  const { prepared, next, memory, tiles, clock } = given
  const known: (Answer | undefined)[] = []
  const within = new Map<string, number>()
  const fresh: NewEntry[] = []
  const placeOf: number[] = []
  for (const [i, entry] of prepared.entries.entries()) {
    const candidates = memory.find(pairs[2 * i]!, pairs[2 * i + 1]!)
    if (candidates.some((index) => index >= tiles.size)) return 'later'
    for (const index of candidates) known[i] ??= await repeated(given, entry, index, i)
    if (known[i]) continue
    const earlier = within.get(entry.key)
    if (earlier === undefined) {
      within.set(entry.key, i)
      placeOf[i] = fresh.length
      fresh.push(entry)
    } else if (isSame(prepared.entries[earlier]!, entry)) placeOf[i] = placeOf[earlier]!
    else throw conflict(i)
  }
  const again = fresh.length > 0 ? prepare(fresh, clock.now()) : undefined
  const seen = new Set<number>()
  const answers = prepared.entries.map((_, i): Answer => {
    const answer = known[i]
    if (answer) return answer
    const place = placeOf[i]!
    const duplicate = seen.has(place)
    seen.add(place)
    return { index: next + place, time: again!.time, duplicate }
  })
  const freshPairs = pairsOf(fresh, memory)
  for (let i = 0; i < fresh.length; i++) memory.insert(freshPairs[2 * i]!, freshPairs[2 * i + 1]!, next + i)
  return { answers, ...(again ? { prepared: again } : {}), first: next, pairs: freshPairs }
}

/** The answer for an entry that repeats the one at `index`; undefined when only the fingerprints are alike. */
async function repeated(
  given: Given,
  entry: NewEntry,
  index: number,
  i: number,
): Promise<Answer | undefined> {
  const { tiles, segments } = given
  const leaf = (await tiles.entries(Math.floor(index / TILE_WIDTH)))[index % TILE_WIDTH]
  const header = leaf && parseLeaf(leaf)
  if (!header) throw new Error(`entry ${index} cannot be read`)
  const sealed = await segments.find(header, index)
  if (sealed === undefined) throw new Error(`the sealed event of entry ${index} cannot be found`)
  // Of an erased entry only the header is left to compare.
  if (sealed !== 'erased' && sealed.key !== entry.key) return undefined
  const { region, stream, subject, type } = header
  const sameHeader =
    region === entry.region && stream === entry.stream && subject === entry.subject && type === entry.type
  const same =
    sameHeader && (sealed === 'erased' || sealed.event.equals(Buffer.from(canonicalJson(entry.event))))
  if (!same) throw conflict(i, index)
  return { index, time: header.time, duplicate: true }
}

function freshAnswers({ entries, time }: Prepared, next: number): Answer[] {
  return entries.map((_, i) => ({ index: next + i, time, duplicate: false }))
}

function pairsOf(entries: NewEntry[], memory: KeyMemory): Uint32Array {
  const pairs = new Uint32Array(entries.length * 2)
  for (let i = 0; i < entries.length; i++) memory.fingerprint(entries[i]!.key, pairs, 2 * i)
  return pairs
}

function isSame(a: NewEntry, b: NewEntry): boolean {
  return canonicalJson(a) === canonicalJson(b)
}

function conflict(entry: number, index?: number): AppError {
  return new AppError('conflict', 'An idempotency key was used before for another entry.', {
    remedy: 'Use a new key for a new entry, or repeat the first one unchanged. Nothing was appended.',
    detail: { entry, ...(index === undefined ? {} : { index }) },
  })
}
