import { STORES, type StoredItem, type StoreName } from '../../../drivers/instances/contract/stores.ts'
import type { Words } from '../../../pledges/pledge.ts'
import { listed, sentence } from '../../../pledges/sentence.ts'
import type { Artefact, ArtefactKind, Stray } from './artefact.ts'
import { placeSurroundings } from './surroundings.ts'

/** What people have signed about a region's stores. */
export type Place = { region: string; isSimulated: boolean }

export type Seen = Readonly<Record<StoreName, readonly StoredItem[]>>
export type Located = { artefacts: Artefact[]; strays: Stray[] }

const INSTANCE = /^ins_[0-9a-hjkmnp-tv-z]{26}$/
/** The data folder as ARCHITECTURE.md describes it; whatever else lies there is not accounted for. */
const KNOWN: readonly RegExp[] = [
  /^(config\.json|ca\.crt|cli\.token|supervisor\.lock|overview\.yaml)$/,
  /^(keys|secrets|logs|plane|postgres|ledger|keyring|releases|warden|instances|edge|cache|run)$/,
  // without customers' data: the console's pages, files attached to what people sign, the witness's word, the demo's customers
  /^(console|evidence|witness|demo|overview)$/,
]
const OF_INSTANCE: Readonly<Record<string, ArtefactKind | 'none'>> = {
  pg: 'database',
  'pg.half': 'database',
  files: 'files',
  log: 'log',
  // sockets, and what the warden wrote down
  ...{
    db: 'none',
    run: 'none',
    egress: 'none',
    'identity.json': 'none',
    'last-start.json': 'none',
    destroying: 'none',
  },
}

/**
 * Places everything that the stores hold: whose it is by the register, in which region's store it lies, and whether somebody
 * has answered for where that store is. Nothing is left out: what fits nowhere is a stray.
 */
export function locate(seen: Seen, promised: ReadonlyMap<string, string>, places: readonly Place[]): Located {
  const judge = judging(promised, places)
  const found = STORES.flatMap((store) =>
    store === 'surroundings' ? [] : seen[store].map((item) => placeOf(store, item, judge)),
  )
  const there = found.filter((one) => one !== undefined)
  const around = placeSurroundings(seen.surroundings, promised)
  // A folder that has no place is told once, by what is known of it.
  const told = new Set(around.artefacts.map(({ path }) => path))
  const strays = there.filter((one) => !('kind' in one) && !told.has(one.path))
  const tops = new Set(strays.filter(({ store }) => store === 'data-folder').map(({ path }) => path))
  return {
    artefacts: [...there.filter((one) => 'kind' in one), ...around.artefacts],
    strays: [...strays, ...around.strays.filter(({ path }) => !tops.has(path.split('/')[0] ?? ''))],
  }
}

type Judge = (of: {
  store: StoreName
  item: StoredItem
  kind: ArtefactKind
  owner: string
  observed: string | null
}) => Artefact
/** Nothing where it holds no customer's data. */
type Found = Artefact | Stray | undefined

function placeOf(store: Exclude<StoreName, 'surroundings'>, item: StoredItem, judge: Judge): Found {
  switch (store) {
    case 'data-folder':
      return KNOWN.some((one) => one.test(item.path)) ? undefined : { store, path: item.path }
    case 'instances':
    case 'trash':
      return ofInstance(store, item, judge)
    case 'keyring':
    case 'log-keys':
      return keyOf(store, item, judge)
    case 'segments':
      return segmentsOf(item, judge)
  }
}

/** Said of what lies in a place that only stands for one. */
export const SIMULATED: Words = { en: 'Simulated place.', sv: 'Simulerad plats.' }
const AS_SIGNED: Words = { en: 'As signed.', sv: 'Som undertecknat.' }
const PLANES_OWN: Words = { en: 'The plane’s own, of no customer.', sv: 'Planets eget, ingen kunds.' }
const NOBODYS: Words = {
  en: 'It is of no instance in the register.',
  sv: 'Det hör till ingen instans i registret.',
}
const NOT_WRITTEN: Words = {
  en: 'Nobody wrote down in which region’s stores it was put.',
  sv: 'Ingen skrev upp i vilken regions lager det lades.',
}
const NOT_SIGNED = {
  en: 'Nobody has signed where the stores of {observed} are.',
  sv: 'Ingen har undertecknat var lagren för {observed} finns.',
} as const
const SEVERAL = {
  en: 'This machine was signed to be in several places: {regions}.',
  sv: 'Maskinen har undertecknats som stående på flera platser: {regions}.',
} as const

function judging(promised: ReadonlyMap<string, string>, places: readonly Place[]): Judge {
  const byRegion = new Map(places.map((one) => [one.region, one]))
  const really = places.filter(({ isSimulated }) => !isSimulated).map(({ region }) => region)
  return ({ store, item, kind, owner, observed }) => {
    const common = { store, path: item.path, kind, observed, sizeBytes: item.sizeBytes }
    if (owner === 'plane' && observed === 'plane')
      return {
        ...common,
        instance: null,
        promised: 'plane',
        isInside: true,
        reason: PLANES_OWN,
      }
    const wanted = promised.get(owner)
    const of = { ...common, instance: wanted === undefined ? null : owner, promised: wanted ?? null }
    if (wanted === undefined) return { ...of, isInside: null, reason: NOBODYS }
    if (observed === null) return { ...of, isInside: null, reason: NOT_WRITTEN }
    if (observed !== wanted)
      return {
        ...of,
        isInside: false,
        reason: sentence(
          {
            en: 'It lies in {observed} and was promised to stay in {wanted}.',
            sv: 'Det ligger i {observed} men har lovats stanna i {wanted}.',
          },
          { observed, wanted },
        ),
      }
    const place = byRegion.get(observed)
    if (!place) return { ...of, isInside: null, reason: sentence(NOT_SIGNED, { observed }) }
    // One machine stands in one place, whatever was signed.
    if (!place.isSimulated && really.length > 1)
      return { ...of, isInside: null, reason: sentence(SEVERAL, { regions: listed(really) }) }
    return { ...of, isInside: true, reason: place.isSimulated ? SIMULATED : AS_SIGNED }
  }
}

function ofInstance(store: 'instances' | 'trash', item: StoredItem, judge: Judge): Found {
  const stray = { store, path: item.path }
  const [name, inside, ...deeper] = item.path.split('/').slice(store === 'instances' ? 1 : 2)
  // What compiled programs leave is the vendor's.
  if (store === 'trash' && /^cache-[0-9a-f]{1,32}$/.test(name ?? '')) return undefined
  if (name === undefined || !INSTANCE.test(name) || deeper.length > 0) return stray
  const of = { store, item, owner: name, observed: item.region ?? null }
  if (inside === undefined) {
    if (item.kind !== 'folder') return stray
    // What is being destroyed is still somebody's data until it is gone.
    return store === 'trash' ? judge({ ...of, kind: 'files' }) : undefined
  }
  const kind = /^template-[0-9a-f]{1,64}$/.test(inside) ? 'none' : OF_INSTANCE[inside]
  if (kind === 'none') return undefined
  return kind === undefined || item.kind !== 'folder' ? stray : judge({ ...of, kind })
}

function keyOf(store: 'keyring' | 'log-keys', item: StoredItem, judge: Judge): Found {
  const [region, name, ...deeper] = item.path.split('/').slice(store === 'keyring' ? 1 : 2)
  // A region's own folder, with nothing in it.
  if (region !== undefined && name === undefined && item.kind === 'folder') return undefined
  const owner = /^([a-z0-9_]+)\.\d{1,9}\.json$/.exec(name ?? '')?.[1]
  if (region === undefined || owner === undefined || deeper.length > 0 || item.kind !== 'file')
    return { store, path: item.path }
  return judge({ store, item, kind: 'key', owner, observed: region })
}

/** What the log plants for the proof that tries to alter it (ledger/server/planted.ts); larger, it would be something else. */
const PLANTED = { path: 'ledger/regions/.planted/planted', atMostBytes: 16 * 1024 }

function segmentsOf(item: StoredItem, judge: Judge): Found {
  if (item.path === PLANTED.path && (item.sizeBytes ?? 0) <= PLANTED.atMostBytes) return undefined
  const [region, owner, ...deeper] = item.path.split('/').slice(2)
  if (region !== undefined && owner === undefined && item.kind === 'folder') return undefined
  if (region === undefined || owner === undefined || deeper.length > 0 || item.kind !== 'folder')
    return { store: 'segments', path: item.path }
  return judge({ store: 'segments', item, kind: 'log', owner, observed: region })
}
