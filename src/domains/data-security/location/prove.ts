import {
  STORES,
  type StoredItem,
  type StoreName,
  type StoresReader,
} from '../../../drivers/instances/contract/stores.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Db } from '../../../kernel/db.ts'
import type { Proof } from '../../../pledges/runner.ts'
import type { Evidence, Finding } from '../../../pledges/verdict.ts'
import { type Artefact, type ArtefactKind, type Located, locate, type Place, type Stray } from './locate.ts'
import { pinned } from './pledges.ts'
import { longestUnmeasured, saveArtefacts } from './store.ts'

/** What the proof of places looks with. */
export type LocationEyes = {
  db: Db
  clock: Clock
  stores: StoresReader
  /** The region that each instance was promised, destroyed ones too. */
  promised(): Promise<ReadonlyMap<string, string>>
  /** What is signed and in force about where regions' stores are. */
  places(nowMs: number): Promise<readonly Place[]>
}

const MEASURED_AT_ONCE = 16
const SHOWN_AT_MOST = 20

/** Lists every store, places everything that lies in it, and compares that with what was promised. */
export function provePinned(eyes: LocationEyes): Proof {
  return {
    pledge: pinned.id,
    async prove({ nowMs, signal }) {
      const sizesOf = await longestUnmeasured(eyes.db, MEASURED_AT_ONCE)
      const seen = {} as Record<StoreName, readonly StoredItem[]>
      for (const store of STORES) {
        signal.throwIfAborted()
        seen[store] = await eyes.stores.list(store, store === 'instances' ? sizesOf : [])
      }
      // After the stores: what was registered meanwhile is not a stray.
      const [promised, places] = await Promise.all([eyes.promised(), eyes.places(nowMs)])
      const located = locate(seen, promised, places)
      await saveArtefacts(eyes.db, located, eyes.clock.now())
      return judgePlaces(located)
    },
  }
}

const PARTS: Readonly<Record<string, { kind: ArtefactKind; of: string; stores: readonly StoreName[] }>> = {
  database: { kind: 'database', of: 'databases', stores: [] },
  files: {
    kind: 'files',
    of: 'folders of files',
    stores: ['data-folder', 'surroundings', 'instances', 'trash'],
  },
  logs: { kind: 'log', of: 'logs', stores: ['segments'] },
  keys: { kind: 'key', of: 'keys', stores: ['keyring', 'log-keys'] },
}

/** What was located says of each part of the sentence. */
export function judgePlaces({ artefacts, strays }: Located): Finding[] {
  const findings = Object.entries(PARTS).map(([part, { kind, of, stores }]) =>
    judgePart(
      part,
      of,
      artefacts.filter((one) => one.kind === kind),
      strays.filter(({ store }) => stores.includes(store)),
    ),
  )
  const databases = findings.find(({ part }) => part === 'database')!
  return [
    ...findings,
    // Who signs in to an application has a session in its own database; the plane's are of the vendor's people.
    {
      ...databases,
      part: 'sessions',
      // What was found of databases is said there, once.
      reason: "Customers' sessions lie in their own databases.",
    },
    { part: 'backups', state: 'absent', reason: 'No store holds a backup.' },
  ]
}

function judgePart(part: string, of: string, all: readonly Artefact[], strays: readonly Stray[]): Finding {
  const outside = all.filter((one) => one.isInside === false)
  const untold = all.filter((one) => one.isInside === null)
  const inside = all.filter((one) => one.isInside === true)
  const population = {
    ...{ all: all.length + strays.length, examined: inside.length + outside.length, kept: inside.length, of },
  }
  const evidence: Evidence[] = [
    ...outside.map((one) => shown(one)),
    ...strays.map(({ path }) => ({ what: path, seen: 'It has no place in this store.', isAsPromised: null })),
    ...untold.map((one) => shown(one)),
    ...inside.map((one) => shown(one)),
  ].slice(0, SHOWN_AT_MOST)
  const common = { part, population, evidence }
  if (outside.length > 0)
    return {
      ...common,
      state: 'broken',
      reason: `${more(outside.map((one) => `${one.path} (${one.reason})`))}`,
      remedy: 'Find out what put it there, remove it, and destroy the copy as the region’s law asks.',
    }
  if (strays.length > 0)
    return {
      ...common,
      state: 'unknown',
      reason: `Not located: ${more(strays.map(({ path }) => path))}.`,
      remedy: 'Say whose it is, or take it out of the data folder.',
    }
  if (untold.length > 0)
    return {
      ...common,
      state: 'unknown',
      reason: `${untold.length} of ${all.length} ${of}: ${untold[0]!.reason}`,
      remedy:
        'Have somebody sign where each region’s stores are (attestation of location.pinned, subject the region’s id).',
    }
  if (all.length === 0) return { part, state: 'unexercised', reason: `There are no ${of} yet.` }
  const simulated = inside.some((one) => one.reason === 'Simulated place.') ? ' (simulated places)' : ''
  return {
    ...common,
    state: 'kept',
    reason: `All ${all.length} ${of} lie where they were promised${simulated}.`,
  }
}

const shown = (one: Artefact): Evidence => ({
  what: one.path,
  seen: `${one.observed ?? 'nowhere known'}, promised ${one.promised ?? 'nowhere'}: ${one.reason}`,
  isAsPromised: one.isInside,
})

const more = (some: readonly string[]) =>
  `${some.slice(0, 2).join(', ')}${some.length > 2 ? ` and ${some.length - 2} more` : ''}`
