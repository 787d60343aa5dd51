import { type Clock, isoOf } from '../../../kernel/clock.ts'
import type { LedgerClient, SealedCheck } from '../../../ledger/client/client.ts'
import { counted, listed, type Noun, named, same, sentence, share } from '../../../pledges/sentence.ts'
import type { Evidence, Finding } from '../../../pledges/verdict.ts'
import { createEntryCounts, type EntryCounts } from './entry-counts.ts'

/** With what it is seen that the sealed entries are there. */
export type SealedEyes = {
  ledger: Pick<LedgerClient, 'sealed' | 'health' | 'tile'>
  /** What lies in the log's store, by the warden: names and sizes of the folders `…/<region>/<subject>`, no contents. */
  segments(): Promise<readonly { path: string; sizeBytes: number | null }[]>
  /** The machine's clock. */
  clock: Clock
}

const PART = 'sealed-there'
const DAY_MS = 24 * 3_600_000
/** What one sealed entry takes at least: index, salt, two lengths, a key, and `{}` (docs/evidence-format.md, section 7). */
const ENTRY_AT_LEAST_BYTES = 49
const STORE = /(?:^|\/)regions\/([^/]+\/[^/]+)$/
const PLACE = /^(?:regions|keys)\/([^/]+\/[^./]+)/

/**
 * Whether what the tree names is still there: by the log itself, which alone can open it (the newest at each look, all of it
 * within a day), and from outside by the sizes of the segments, which must hold what the public headers count and never shrink.
 */
export function createSealedLook(eyes: SealedEyes): () => Promise<Finding> {
  let counts = createEntryCounts(eyes.ledger)
  const sizes = createSizes()
  let whole: { endedAt: number; seenAt: number } | undefined
  let since: number | undefined
  return async () => {
    since ??= eyes.clock.now()
    let seen: { check: SealedCheck; entries: EntryCounts; missing: Missing[] }
    try {
      const [check, entries] = [await eyes.ledger.sealed(), await counts()]
      // After the entries were counted: what is sealed is on the disk before it is in the tree.
      seen = { check, entries, missing: sizes(entries, await eyes.segments()) }
    } catch (error) {
      // What was counted while somebody altered the tree is counted anew.
      counts = createEntryCounts(eyes.ledger)
      const why = (error instanceof Error ? error.message : String(error)).slice(0, 200)
      return { part: PART, state: 'unknown', reason: sentence(NOT_SEEN, { why }) }
    }
    const { endedAt } = seen.check.whole ?? {}
    if (endedAt !== undefined && endedAt !== whole?.endedAt) whole = { endedAt, seenAt: eyes.clock.now() }
    if (seen.missing.length > 0) counts = createEntryCounts(eyes.ledger)
    return judgeSealed(seen, eyes.clock.now() - (whole?.seenAt ?? since) > DAY_MS)
  }
}

type Missing = { place: string; entries: number; sizeBytes: number; wasBytes: number }

/** Compares what lies there with what was counted, and with the looks before: what is append-only never shrinks. */
function createSizes() {
  let last = new Map<string, number>()
  const least = new Map<string, number>()
  return (entries: EntryCounts, items: Awaited<ReturnType<SealedEyes['segments']>>): Missing[] => {
    const now = new Map<string, number>()
    for (const { path, sizeBytes } of items) {
      const place = STORE.exec(path)?.[1]
      if (place !== undefined) now.set(place, sizeBytes ?? 0)
    }
    const missing: Missing[] = []
    for (const [place, count] of entries.of) {
      const sizeBytes = now.get(place) ?? 0
      const wasBytes = least.get(place) ?? 0
      if (sizeBytes < Math.max(count * ENTRY_AT_LEAST_BYTES, wasBytes))
        missing.push({ place, entries: count, sizeBytes, wasBytes })
      // Only what two looks saw counts: a commit that fails is cut off again.
      else least.set(place, Math.max(wasBytes, Math.min(sizeBytes, last.get(place) ?? 0)))
    }
    last = now
    return missing
  }
}

/** The verdict on what the log says of itself and what lies there; `isOverdue`: not everything was opened within a day. */
function judgeSealed(
  { check, entries, missing }: { check: SealedCheck; entries: EntryCounts; missing: readonly Missing[] },
  isOverdue: boolean,
): Finding {
  const bad = new Set([
    ...missing.map(({ place }) => place),
    ...check.findings.map(({ place }) => PLACE.exec(place)?.[1] ?? place),
  ])
  const all = Math.max(entries.of.size, bad.size)
  const { whole } = check
  const evidence: Evidence[] = [
    ...missing.slice(0, 15).map(({ place, entries: count, sizeBytes, wasBytes }) => ({
      what: place,
      seen:
        wasBytes > sizeBytes
          ? sentence(SHRANK, { entries: counted(count, ENTRIES), sizeBytes, wasBytes })
          : sentence(TOO_SMALL, { entries: counted(count, ENTRIES), sizeBytes }),
      isAsPromised: false,
    })),
    ...check.findings.slice(0, 15).map(({ place, index, what }) => ({
      what: place,
      seen: index === undefined ? same(what) : sentence(AT_ENTRY, { index, what }),
      isAsPromised: false,
    })),
    {
      what: sentence(FROM_OUTSIDE, {}),
      seen: share(all - new Set(missing.map(({ place }) => place)).size, all, PLACES),
      isAsPromised: missing.length === 0,
    },
    { what: sentence(COUNTED, {}), seen: share(entries.read, entries.size, ENTRIES), isAsPromised: null },
    {
      what: sentence(OPENED_NEWEST, {}),
      seen: share(check.newest, check.size, ENTRIES),
      isAsPromised: null,
    },
    {
      what: sentence(OPENED_ALL, {}),
      seen: whole
        ? sentence(LAST_ROUND, {
            ...{ at: isoOf(whole.endedAt), sealed: whole.sealedEvents, size: whole.size },
          })
        : sentence(FIRST_ROUND, { at: check.round ? isoOf(check.round.since) : '–' }),
      isAsPromised: isOverdue ? false : null,
    },
  ]
  const population = { all, examined: all, kept: all - bad.size, of: named(all, PLACES) }
  const found = { part: PART, population, evidence }
  if (bad.size > 0)
    return {
      ...found,
      state: 'broken',
      reason: sentence(GONE, { places: listed([...bad].map(spoken), 3) }),
      remedy: sentence(PUT_BACK, {}),
    }
  if (check.cannot !== null)
    return { ...found, state: 'unknown', reason: sentence(CANNOT, { why: check.cannot }) }
  if (isOverdue)
    return { ...found, state: 'unknown', reason: sentence(OVERDUE, {}), remedy: sentence(SEE_LEDGER, {}) }
  return { ...found, state: 'kept', reason: sentence(ALL_THERE, { places: counted(all, PLACES) }) }
}

/** `uk/ins_…` as people say it. */
function spoken(place: string): string {
  const [region, subject] = place.split('/')
  return subject === undefined ? place : `${subject} (${region})`
}

const ENTRIES: Noun = { en: ['entry', 'entries'], sv: ['post', 'poster'] }
const PLACES: Noun = {
  en: ['subject with sealed entries', 'subjects with sealed entries'],
  sv: ['ägare av förseglade poster', 'ägare av förseglade poster'],
}
const GONE = {
  en: 'Sealed entries of {places} are missing or altered.',
  sv: 'Förseglade poster för {places} saknas eller är ändrade.',
} as const
const ALL_THERE = {
  en: 'What is sealed of {places} is there.',
  sv: 'Det som är förseglat för {places} finns kvar.',
} as const
const PUT_BACK = {
  en: 'Keep a copy of the log’s folder as evidence, put the segments back from their second copy, and find out who could delete them.',
  sv: 'Spara en kopia av loggens mapp som belägg, lägg tillbaka segmenten från deras andra kopia och ta reda på vem som kunde radera dem.',
} as const
const NOT_SEEN = {
  en: 'Whether the sealed entries are there could not be seen: {why}',
  sv: 'Det gick inte att se om de förseglade posterna finns kvar: {why}',
} as const
const CANNOT = {
  en: 'The log cannot check its sealed entries: {why}.',
  sv: 'Loggen kan inte kontrollera sina förseglade poster: {why}.',
} as const
const OVERDUE = {
  en: 'Not every sealed entry was opened within a day.',
  sv: 'Alla förseglade poster har inte öppnats inom en dag.',
} as const
const SEE_LEDGER = {
  en: 'See the log of the ledger (`borgen status`): its disk may be too slow.',
  sv: 'Se loggen för ledger (`borgen status`): dess disk kan vara för långsam.',
} as const
const TOO_SMALL = {
  en: '{sizeBytes} bytes on the disk, of {entries}',
  sv: '{sizeBytes} byte på disken, för {entries}',
} as const
const SHRANK = {
  en: '{sizeBytes} bytes on the disk, of {entries}; there were {wasBytes}',
  sv: '{sizeBytes} byte på disken, för {entries}; det var {wasBytes}',
} as const
const AT_ENTRY = { en: 'entry {index}: {what}', sv: 'post {index}: {what}' } as const
const FROM_OUTSIDE = {
  en: 'segments as the warden sees them: as large as the tree demands, and none shrank',
  sv: 'segmenten som väktaren (warden) ser dem: så stora som trädet kräver, och inget har krympt',
} as const
const COUNTED = {
  en: 'entries counted by their public headers',
  sv: 'poster räknade efter sina publika huvuden',
} as const
const OPENED_NEWEST = {
  en: 'newest entries opened by the log and compared with what was committed',
  sv: 'nyaste poster som loggen har öppnat och jämfört med det som bands',
} as const
const OPENED_ALL = {
  en: 'all others, in rounds of at most a day',
  sv: 'alla andra, i varv på högst en dag',
} as const
const LAST_ROUND = {
  en: '{sealed} of {size} opened in the round that ended at {at}; the others’ keys were destroyed',
  sv: '{sealed} av {size} öppnade i varvet som slutade {at}; de andras nycklar är förstörda',
} as const
const FIRST_ROUND = {
  en: 'the first round, begun at {at}, is under way',
  sv: 'det första varvet, påbörjat {at}, pågår',
} as const
