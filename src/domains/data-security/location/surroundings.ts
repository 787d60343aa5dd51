import type { StoredItem } from '../../../drivers/instances/contract/stores.ts'
import type { Words } from '../../../pledges/pledge.ts'
import type { Artefact, ArtefactKind, Stray } from './artefact.ts'

const INSTANCE = /ins_[0-9a-hjkmnp-tv-z]{26}/
const HASH = '[0-9a-f]{64}'
/** Between writing and renaming. */
const HALF = /(\.new|\.tmp)$/
/** What has its place in the data folder beside the stores, by names and kinds alone: contents are never read. */
const SHAPES: Readonly<Record<StoredItem['kind'], readonly RegExp[]>> = {
  folder: [
    /^cache\/(database|edge|ledger|prover|saboteur|server|supervisor|warden|witness|worker)(\/v\d[\w.-]{1,60})?$/,
    /^console\/assets$/,
    /^demo\/(crm|sabotage)$/,
    /^ledger\/(altered|idempotency|tree|witnessed)(\/(journal|tile))?$/,
    /^plane\/pg(\/(base|global|pg_[a-z_]{2,20}))?$/,
    /^postgres\/\.?\d[\w.-]{1,40}(\/(bin|lib|share|include))?$/,
    new RegExp(`^releases/(${HASH}|\\.incoming-\\w{6})$`),
    /^run\/(database|db|edge|ledger|prover|saboteur|server|supervisor|warden|witness|worker)$/,
    /^run\/warden\/observed$/,
    /^warden\/(compile-caches|etc|inside|mount-point|planted|pool|postgres|postgres-conf|running|templates|trash)$/,
    new RegExp(`^warden/compile-caches/\\.?${HASH}-v\\d[\\w.-]{1,40}$`),
    /^warden\/etc\/(alternatives|ssl)$/,
    /^warden\/planted\/(dev|linked|own)$/,
    /^warden\/pool\/[0-9a-f]{32}(\/(db|egress|files|log|pg|pg\.half|run))?$/,
    /^warden\/postgres\/\.?\d[\w.-]{1,40}$/,
    /^warden\/templates\/[0-9a-f]{16}(\/(base|global|pg_[a-z_]{2,20}))?$/,
    /^warden\/templates\/\.half-[0-9a-f]{12}(\/(pg|db|\.pg\.[0-9a-f]{12}))?$/,
    /^warden\/(postgres\/[\w.-]{1,60}|pool\/[0-9a-f]{32})\/(bin|lib|share|include)$/,
  ],
  file: [
    /^console\/(assets\/)?[\w.-]{1,120}\.(js|css|html|json|svg|png|ico|woff2|txt|webmanifest|sha256)(\.(br|gz))?$/,
    /^demo\/(customers|sabotage\/[a-z]{1,20})\.json$/,
    /^edge\/[0-9a-f]{32}\.json$/,
    new RegExp(`^evidence/(\\.tmp-)?${HASH}(-[0-9a-f]{16})?$`),
    /^keys\/root\.key$/,
    /^ledger\/altered\/[\w.-]{1,200}$/,
    /^ledger\/idempotency\/\d{10}\.fp$/,
    /^ledger\/tree\/(checkpoint|vkey)$/,
    /^ledger\/tree\/journal\/([0-9a-f]{16}\.journal|publish)$/,
    /^ledger\/witnessed\/[0-9a-f]{8}\.checkpoint$/,
    /^logs\/[a-z-]{1,32}\.log$/,
    /^plane\/pg\/(PG_VERSION|postmaster\.(pid|opts)|(postgresql|postgresql\.auto|pg_hba|pg_ident)\.conf|current_logfiles)$/,
    /^postgres\/\.?\d[\w.-]{1,40}\/pg-symlinks\.json$/,
    /^run\/(db\/\.s\.PGSQL\.5432\.lock|supervisor\/(processes|overview)\.json|warden\/usage\.json)$/,
    new RegExp(`^run/warden/observed/${INSTANCE.source}\\.json$`),
    /^secrets\/[A-Za-z]{1,40}\.sealed$/,
    /^warden\/(next-uid|password\.key|seccomp\.bpf)$/,
    /^warden\/(etc|inside|postgres-conf)\/[\w.-]{1,40}$/,
    /^warden\/planted\/(note|names)\.txt$/,
    /^warden\/pool\/[0-9a-f]{32}\/((identity|last-start)\.json|template-[0-9a-f]{16})$/,
    new RegExp(`^warden/running/${INSTANCE.source}(\\.probe)?(\\.(app|database)\\.(lock|stat)|\\.json)$`),
    /^warden\/running\/[\w.-]{1,60}\.((app|database)\.(lock|stat)|[0-9a-f]{8}\.sql-output)$/,
    /^warden\/templates\/[0-9a-f]{16}\/(PG_VERSION|(postgresql|postgresql\.auto|pg_hba|pg_ident)\.conf)$/,
    /^witness\/(witness\.key|[0-9a-f]{64}\.checkpoint)$/,
  ],
  other: [
    /^run\/[a-z]{2,16}\/[\w.-]{1,40}$/,
    /^warden\/planted\/[a-z]{1,16}\.sock$/,
    /^warden\/etc\/[\w.-]{1,40}$/,
    /^warden\/running\/[\w.-]{1,80}$/,
  ],
}
/** The clusters that are nobody's: the plane's own, the template, and the copies of it that wait for an instance. */
const CLUSTERS =
  /^(plane\/\.?pg[\w.-]{0,40}|warden\/pool\/[0-9a-f]{32}\/pg(\.half)?|warden\/templates\/([0-9a-f]{16}|\.half-[0-9a-f]{12}\/(pg|\.pg\.[0-9a-f]{12})))$/
/** Whose inside is somebody else's business: programs, built pages and releases have names of their own there. */
const OPAQUE =
  /^(postgres|warden\/postgres|warden\/etc|warden\/planted|ledger\/tree\/tile|demo\/crm|plane\/pg)\//

/** Deeper, only what tells of a customer's data is listed, and that is judged by where it lies. */
const isListedWhole = (path: string) => [2, 3].includes(path.split('/').length)

const isFine = ({ path, kind }: StoredItem) => {
  const settled = path.replace(HALF, '')
  return SHAPES[kind].some((one) => one.test(settled)) || (OPAQUE.test(path) && path.split('/').length > 2)
}

/**
 * What lies in the data folder beside the stores. A name of an instance, a database's cluster or a segment in any place but
 * those that the plane itself has for it is outside every region's store; what else does not have the shape of what belongs
 * there is a stray. Of a folder with all that is in it the topmost is told.
 */
export function placeSurroundings(
  items: readonly StoredItem[],
  promised: ReadonlyMap<string, string>,
): { artefacts: Artefact[]; strays: Stray[] } {
  const found = new Map<string, Artefact>()
  for (const item of items) {
    const outside = outsideIn(item, promised)
    if (outside && !found.has(outside.path)) found.set(outside.path, outside)
  }
  const artefacts = topmost([...found.values()].sort(byPath))
  const inArtefact = new Set(artefacts.map(({ path }) => path))
  const strays = topmost(
    items
      .filter((item) => isListedWhole(item.path) && !isFine(item))
      .map(({ path }): Stray => ({ store: 'surroundings', path }))
      .sort(byPath),
  ).filter(({ path }) => !isWithin(path, inArtefact))
  return { artefacts, strays }
}

function outsideIn(item: StoredItem, promised: ReadonlyMap<string, string>): Artefact | undefined {
  const { path } = item
  const name = path.slice(path.lastIndexOf('/') + 1)
  const id = INSTANCE.exec(name)?.[0]
  // What the attacks from inside must find, to show that they could: it is named after an instance that cannot be.
  if (path === `warden/planted/own/of.ins_${'0'.repeat(26)}`) return undefined
  if (id !== undefined)
    return isFine(item) && !OPAQUE.test(path) ? undefined : artefactAt(path, kindOf(name), item, id, promised)
  if (/^\d{16}\.seg$/.test(name)) return artefactAt(path, 'log', item, undefined, promised)
  const cluster = clusterOf(path, name)
  return cluster === undefined || isKnownCluster(cluster)
    ? undefined
    : artefactAt(cluster, 'database', { ...item, sizeBytes: null }, undefined, promised)
}

/** The folder of which a file says that it is a cluster, or a database in one. */
function clusterOf(path: string, name: string): string | undefined {
  if (name === 'PG_VERSION') return path.slice(0, -'/PG_VERSION'.length) || path
  return name === 'pg_control' ? path.replace(/\/[^/]+\/pg_control$/, '') : undefined
}

function isKnownCluster(folder: string): boolean {
  return CLUSTERS.test(folder.replace(/\/base\/\d{1,10}$/, ''))
}

function kindOf(name: string): ArtefactKind {
  if (/\.\d{1,9}\.json$/.test(name)) return 'key'
  return name.endsWith('.seg') ? 'log' : 'files'
}

function artefactAt(
  path: string,
  kind: ArtefactKind,
  { sizeBytes }: StoredItem,
  id: string | undefined,
  promised: ReadonlyMap<string, string>,
): Artefact {
  const common = { store: 'surroundings' as const, path, kind, observed: null, sizeBytes }
  // Without a name it is a customer's all the same: the plane's own have their places.
  if (id === undefined)
    return { ...common, instance: null, promised: null, isInside: false, reason: OUTSIDE[kind] }
  const region = promised.get(id)
  return region === undefined
    ? { ...common, instance: null, promised: null, isInside: null, reason: NOBODYS }
    : { ...common, instance: id, promised: region, isInside: false, reason: IN_NONE }
}
const NOBODYS: Words = {
  en: 'It is of no instance in the register.',
  sv: 'Det hör till ingen instans i registret.',
}
const IN_NONE: Words = {
  en: 'It lies in no region’s store.',
  sv: 'Det ligger inte i någon regions lager.',
}
const OUTSIDE: Readonly<Record<ArtefactKind, Words>> = {
  database: {
    en: 'A database that lies in no region’s store.',
    sv: 'En databas som inte ligger i någon regions lager.',
  },
  log: {
    en: 'A part of the log that lies in no region’s store.',
    sv: 'En del av loggen som inte ligger i någon regions lager.',
  },
  files: {
    en: 'Files that lie in no region’s store.',
    sv: 'Filer som inte ligger i någon regions lager.',
  },
  key: {
    en: 'A key that lies in no region’s store.',
    sv: 'En nyckel som inte ligger i någon regions lager.',
  },
}

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)

/** Those that lie in none of the others. */
function topmost<T extends { path: string }>(sorted: readonly T[]): T[] {
  const all = new Set(sorted.map(({ path }) => path))
  return sorted.filter(({ path }) => !isWithin(path.slice(0, Math.max(0, path.lastIndexOf('/'))), all))
}

/** Whether a path is one of these or lies in one of them. */
function isWithin(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/'))))
    if (folders.has(at)) return true
  return false
}
