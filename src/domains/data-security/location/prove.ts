import { setTimeout as delay } from 'node:timers/promises'
import {
  STORES,
  type StoredItem,
  type StoreName,
  type StoresReader,
} from '../../../drivers/instances/contract/stores.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Db } from '../../../kernel/db.ts'
import type { Words } from '../../../pledges/pledge.ts'
import type { Proof } from '../../../pledges/runner.ts'
import { counted, listed, type Noun, named, sentence, share } from '../../../pledges/sentence.ts'
import type { Evidence, Finding } from '../../../pledges/verdict.ts'
import type { Artefact, ArtefactKind, Stray } from './artefact.ts'
import { type Located, locate, type Place, SIMULATED } from './locate.ts'
import { pinned } from './pledges.ts'
import { longestUnmeasured, NO_PLACE, saveArtefacts } from './store.ts'

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
const LOOK_AGAIN_MS = 500
const SHOWN_AT_MOST = 20
const NAMED_AT_MOST = 2

/** Lists every store, places everything that lies in it, and compares that with what was promised. */
export function provePinned(eyes: LocationEyes): Proof {
  return {
    pledge: pinned.id,
    async prove({ nowMs, signal }) {
      const look = async (sizesOf: readonly string[]): Promise<Located> => {
        const seen = {} as Record<StoreName, readonly StoredItem[]>
        for (const store of STORES) {
          signal.throwIfAborted()
          seen[store] = await eyes.stores.list(store, store === 'instances' ? sizesOf : [])
        }
        // After the stores: what was registered meanwhile is not a stray.
        const [promised, places] = await Promise.all([eyes.promised(), eyes.places(nowMs)])
        return locate(seen, promised, places)
      }
      const first = await look(await longestUnmeasured(eyes.db, MEASURED_AT_ONCE))
      const located = first.strays.length === 0 ? first : await staying(first, look, signal)
      await saveArtefacts(eyes.db, located, eyes.clock.now())
      return judgePlaces(located)
    },
  }
}

/** What a process of ours writes for a moment is no stray: only what still lies there at a second look counts. */
async function staying(
  first: Located,
  look: (sizesOf: readonly string[]) => Promise<Located>,
  signal: AbortSignal,
): Promise<Located> {
  await delay(LOOK_AGAIN_MS, undefined, { signal })
  const still = new Set((await look([])).strays.map(({ path }) => path))
  return { ...first, strays: first.strays.filter(({ path }) => still.has(path)) }
}

const PARTS: Readonly<Record<string, { kind: ArtefactKind; of: Noun; stores: readonly StoreName[] }>> = {
  database: {
    kind: 'database',
    of: { en: ['database', 'databases'], sv: ['databas', 'databaser'] },
    stores: [],
  },
  files: {
    kind: 'files',
    of: { en: ['folder of files', 'folders of files'], sv: ['mapp med filer', 'mappar med filer'] },
    stores: ['data-folder', 'surroundings', 'instances', 'trash'],
  },
  logs: { kind: 'log', of: { en: ['log', 'logs'], sv: ['logg', 'loggar'] }, stores: ['segments'] },
  keys: {
    kind: 'key',
    of: { en: ['key', 'keys'], sv: ['nyckel', 'nycklar'] },
    stores: ['keyring', 'log-keys'],
  },
}

/** What was located says of each part of the sentence. */
export function judgePlaces({ artefacts, strays }: Located): Finding[] {
  const findings = Object.entries(PARTS).map(([part, { kind, of, stores }]) =>
    judgePart(
      part,
      of,
      // The plane's own log and key are no customer's: they make no promise kept.
      artefacts.filter((one) => one.kind === kind && one.promised !== 'plane'),
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
      reason: {
        en: 'Customers’ sessions lie in their own databases.',
        sv: 'Kundernas sessioner ligger i deras egna databaser.',
      },
    },
    { part: 'backups', state: 'absent', reason: NO_BACKUP },
  ]
}

const NO_BACKUP: Words = { en: 'No store holds a backup.', sv: 'Inget lager innehåller en säkerhetskopia.' }
const LAW: Words = {
  en: 'Find out what put it there, remove it, and destroy the copy as the region’s law asks.',
  sv: 'Ta reda på vad som lade det där, ta bort det och förstör kopian så som regionens lag kräver.',
}
const WHOSE: Words = {
  en: 'Say whose it is, or take it out of the data folder.',
  sv: 'Ange vems det är, eller ta ut det ur datamappen.',
}
const SIGN: Words = {
  en: 'Have somebody sign where each region’s stores are (attestation of location.pinned, subject the region’s id).',
  sv: 'Låt någon underteckna var varje regions lager finns (intyg för location.pinned med regionens id som ämne).',
}

function judgePart(part: string, of: Noun, all: readonly Artefact[], strays: readonly Stray[]): Finding {
  const outside = all.filter((one) => one.isInside === false)
  const untold = all.filter((one) => one.isInside === null)
  const inside = all.filter((one) => one.isInside === true)
  const population = {
    ...{ all: all.length + strays.length, examined: inside.length + outside.length },
    ...{ kept: inside.length, of: named(all.length + strays.length, of) },
  }
  const evidence: Evidence[] = [
    ...outside.map((one) => shown(one)),
    ...strays.map(({ path }) => ({ what: path, seen: NO_PLACE, isAsPromised: null })),
    ...untold.map((one) => shown(one)),
    ...inside.map((one) => shown(one)),
  ].slice(0, SHOWN_AT_MOST)
  const common = { part, population, evidence }
  if (outside.length > 0)
    return {
      ...common,
      state: 'broken',
      reason: listed(
        outside.map(({ path, reason }) =>
          sentence({ en: '{path} ({reason})', sv: '{path} ({reason})' }, { path, reason }),
        ),
        NAMED_AT_MOST,
      ),
      remedy: LAW,
    }
  if (strays.length > 0)
    return {
      ...common,
      state: 'unknown',
      reason: sentence(
        { en: 'Not located: {strays}.', sv: 'Inte platsbestämt: {strays}.' },
        {
          strays: listed(
            strays.map(({ path }) => path),
            NAMED_AT_MOST,
          ),
        },
      ),
      remedy: WHOSE,
    }
  if (untold.length > 0)
    return {
      ...common,
      state: 'unknown',
      reason: sentence(
        { en: '{some}: {why}', sv: '{some}: {why}' },
        { some: share(untold.length, all.length, of), why: untold[0]!.reason },
      ),
      remedy: SIGN,
    }
  if (all.length === 0)
    return {
      part,
      state: 'unexercised',
      reason: sentence({ en: 'There are no {of} yet.', sv: 'Det finns inga {of} än.' }, { of: named(0, of) }),
    }
  const isSimulated = inside.some((one) => one.reason === SIMULATED)
  return {
    ...common,
    state: 'kept',
    reason: sentence(isSimulated ? ALL_IN_SIMULATED : ALL_IN, { all: counted(all.length, of) }),
  }
}

const ALL_IN = { en: 'Where promised: {all}.', sv: 'Där det lovats: {all}.' } as const
const ALL_IN_SIMULATED = {
  en: 'Where promised: {all} (simulated places).',
  sv: 'Där det lovats: {all} (simulerade platser).',
} as const

const shown = (one: Artefact): Evidence => ({
  what: one.path,
  seen: sentence(
    { en: '{observed}, promised {promised}: {reason}', sv: '{observed}, lovat {promised}: {reason}' },
    {
      observed: one.observed ?? { en: 'nowhere known', sv: 'okänd plats' },
      promised: one.promised ?? { en: 'nowhere', sv: 'ingenstans' },
      reason: one.reason,
    },
  ),
  isAsPromised: one.isInside,
})
