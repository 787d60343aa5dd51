import { type RawBuilder, sql } from 'kysely'
import { type Db, tablesOf } from '../../kernel/db.ts'
import type { Manifest } from '../apps/manifest.ts'
import { type Asked, directionOf } from '../cursor.ts'
import type { RegionId } from '../regions/model.ts'
import { after, containing } from '../store.ts'

export type Desired = 'awake' | 'asleep' | 'suspended' | 'destroyed'
export type Observed = 'absent' | 'asleep' | 'starting' | 'awake' | 'stopping' | 'failed' | 'destroyed'
export type Step = 'registered' | 'keyed' | 'sealed' | 'provisioned' | 'removed' | 'key-destroyed'

export type InstanceRow = {
  id: string
  account: string
  region: RegionId
  host: string
  release: string
  desired: Desired
  observed: Observed
  step: Step
  secrets: string | null
  socket: string | null
  limits: Record<string, unknown> | null
  failure: string | null
  attempts: number
  retry_at: number | null
  last_request_at: number
  last_used_at: number | null
  open_requests: number
  created_at: number
  changed_at: number
  destroyed_at: number | null
}
type Tables = {
  'fleet.instances': InstanceRow
  'fleet.accounts': {
    id: string
    slug: string
    company: string
    email: string
    plan: 'trial' | 'free' | 'paid'
  }
  'fleet.releases': { id: string; app: string; version: string; sha256: string; manifest: Manifest }
}
const tables = (db: Db) => tablesOf<Tables>(db)

const joined = (db: Db) =>
  tables(db)
    .selectFrom('fleet.instances as i')
    .innerJoin('fleet.accounts as a', 'a.id', 'i.account')
    .innerJoin('fleet.releases as r', 'r.id', 'i.release')
    .selectAll('i')
    .select(['a.slug', 'a.company', 'a.email', 'r.app', 'r.version', 'r.sha256', 'r.manifest'])

/** An instance with what is needed to run and to show it. */
export type Instance = InstanceRow & {
  slug: string
  company: string
  email: string
  app: string
  version: string
  sha256: string
  manifest: Manifest
}

export const insertInstance = (db: Db, row: InstanceRow) =>
  tables(db)
    .insertInto('fleet.instances')
    .values({ ...row, limits: null })
    .execute()

/** By id, host or the account's slug or id; destroyed ones by their id only. */
export const instanceBy = (db: Db, reference: string): Promise<Instance | undefined> =>
  joined(db)
    .where((eb) =>
      eb.or([
        eb('i.id', '=', reference),
        eb.and([
          eb('i.destroyed_at', 'is', null),
          eb.or([eb('i.host', '=', reference), eb('a.slug', '=', reference), eb('a.id', '=', reference)]),
        ]),
      ]),
    )
    .executeTakeFirst()

/** What a person calls the state of an instance: as it is, except that a suspended one does not merely sleep. */
export const SHOWN_STATES = [
  'absent',
  'asleep',
  'starting',
  'awake',
  'stopping',
  'failed',
  'suspended',
  'destroyed',
] as const
export type InstanceFilter = {
  q?: string | undefined
  /** Destroyed ones are listed only when they are asked for. */
  state?: (typeof SHOWN_STATES)[number] | undefined
  region?: RegionId | undefined
  app?: string | undefined
  plan?: 'trial' | 'free' | 'paid' | undefined
}
export type InstanceColumn = 'created' | 'company' | 'region' | 'state' | 'app' | 'used'

const SHOWN_STATE = sql<string>`case when i.desired = 'suspended' and i.observed in ('asleep', 'absent')
  then 'suspended' else i.observed end`
const SORTED_BY: Record<InstanceColumn, RawBuilder<string | number>> = {
  created: sql`i.created_at`,
  company: sql`lower(a.company)`,
  region: sql`i.region`,
  state: SHOWN_STATE,
  app: sql`r.app || ' ' || r.version`,
  used: sql`coalesce(i.last_used_at, 0)`,
}

/** A page of instances in the order asked for, with how many there are in all. */
export async function listInstances(
  db: Db,
  filter: InstanceFilter,
  asked: Asked<InstanceColumn>,
): Promise<{ rows: (Instance & { position: string | number })[]; total: number }> {
  const { column, direction } = directionOf(asked.sort)
  const by = SORTED_BY[column]
  const found = tables(db)
    .selectFrom('fleet.instances as i')
    .innerJoin('fleet.accounts as a', 'a.id', 'i.account')
    .innerJoin('fleet.releases as r', 'r.id', 'i.release')
    .where('i.destroyed_at', filter.state === 'destroyed' ? 'is not' : 'is', null)
    .$if(filter.state !== undefined, (query) => query.where(SHOWN_STATE, '=', filter.state!))
    .$if(filter.region !== undefined, (query) => query.where('i.region', '=', filter.region!))
    .$if(filter.app !== undefined, (query) => query.where('r.app', '=', filter.app!))
    .$if(filter.plan !== undefined, (query) => query.where('a.plan', '=', filter.plan!))
    .$if(filter.q !== undefined, (query) =>
      query.where(
        sql<boolean>`lower(a.company || ' ' || i.host || ' ' || a.email || ' ' || i.id || ' ' || a.id) like ${containing(filter.q!)}`,
      ),
    )
  const [rows, count] = await Promise.all([
    found
      .selectAll('i')
      .select(['a.slug', 'a.company', 'a.email', 'r.app', 'r.version', 'r.sha256', 'r.manifest'])
      .select(by.as('position'))
      .$if(asked.after !== undefined, (query) => query.where(after(by, sql`i.id`, direction, asked.after!)))
      .orderBy(by, direction)
      .orderBy('i.id', direction)
      .limit(asked.limit)
      .execute(),
    found.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow(),
  ])
  return { rows, total: count.total }
}

/** What is not as it should be and may be tried now, longest waiting first. */
export const unsettledInstances = (db: Db, now: number, limit: number): Promise<Instance[]> =>
  joined(db)
    .where('i.destroyed_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb.and([eb('i.desired', '=', 'awake'), eb('i.observed', '<>', 'awake')]),
        eb.and([eb('i.desired', 'in', ['asleep', 'suspended']), eb('i.observed', '<>', 'asleep')]),
        eb('i.desired', '=', 'destroyed'),
      ]),
    )
    .where((eb) => eb.or([eb('i.retry_at', 'is', null), eb('i.retry_at', '<=', now)]))
    .orderBy('i.changed_at')
    .limit(limit)
    .execute()

export const awakeInstances = (db: Db, limit: number): Promise<Instance[]> =>
  joined(db).where('i.observed', '=', 'awake').orderBy('i.last_request_at').limit(limit).execute()

export const instancesWithOutput = (db: Db): Promise<Instance[]> =>
  joined(db).where('i.destroyed_at', 'is', null).where('i.observed', '<>', 'absent').execute()

export const regionOf = async (db: Db, id: string): Promise<RegionId | undefined> =>
  (await tables(db).selectFrom('fleet.instances').select('region').where('id', '=', id).executeTakeFirst())
    ?.region

/** Whose these instances are. */
export const ownersOf = async (
  db: Db,
  ids: readonly string[],
): Promise<{ id: string; account: string; company: string }[]> =>
  ids.length === 0
    ? []
    : tables(db)
        .selectFrom('fleet.instances as i')
        .innerJoin('fleet.accounts as a', 'a.id', 'i.account')
        .select(['i.id', 'i.account', 'a.company'])
        .where('i.id', 'in', [...ids])
        .execute()

/** The region that each instance was ever promised, destroyed ones too. */
export const everPromised = async (db: Db): Promise<Map<string, RegionId>> =>
  new Map(
    (await tables(db).selectFrom('fleet.instances').select(['id', 'region']).execute()).map((one) => [
      one.id,
      one.region,
    ]),
  )

/** Every instance that is not destroyed, and where it was promised to be. */
export const promisedRegions = (
  db: Db,
): Promise<{ id: string; account: string; region: RegionId; observed: Instance['observed'] }[]> =>
  tables(db)
    .selectFrom('fleet.instances')
    .select(['id', 'account', 'region', 'observed'])
    .where('destroyed_at', 'is', null)
    .execute()

/** Names under which instances are served. */
export const servedHosts = async (db: Db): Promise<string[]> =>
  (
    await tables(db).selectFrom('fleet.instances').select('host').where('destroyed_at', 'is', null).execute()
  ).map((row) => row.host)

/** Every instance that has begun to exist on a machine and is not destroyed, awake or asleep. */
export const existingInstances = async (db: Db): Promise<string[]> =>
  (
    await tables(db)
      .selectFrom('fleet.instances')
      .select('id')
      .where('destroyed_at', 'is', null)
      .where('observed', 'not in', ['absent', 'destroyed'])
      .orderBy('id')
      .execute()
  ).map((row) => row.id)

/** Wish and state of these, destroyed ones too. */
export const statesOf = async (db: Db, ids: string[]) =>
  ids.length === 0
    ? []
    : tables(db)
        .selectFrom('fleet.instances')
        .select(['id', 'desired', 'observed'])
        .where('id', 'in', ids)
        .execute()

export const countInstances = (db: Db) =>
  tables(db)
    .selectFrom('fleet.instances')
    .select(['observed', sql<number>`count(*)::int`.as('count')])
    .where('destroyed_at', 'is', null)
    .groupBy('observed')
    .execute()

/** A wish; false when the instance is (being) destroyed, which is never taken back. */
export async function setDesired(db: Db, id: string, desired: Desired, now: number): Promise<boolean> {
  const row = await tables(db)
    .updateTable('fleet.instances')
    .set({ desired, changed_at: now, retry_at: null, attempts: 0 })
    .where('id', '=', id)
    .where('desired', '<>', 'destroyed')
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Puts an idle instance to sleep unless it was used meanwhile. */
export async function wishSleepIfIdle(
  db: Db,
  id: string,
  lastRequestAt: number,
  now: number,
): Promise<boolean> {
  const row = await tables(db)
    .updateTable('fleet.instances')
    .set({ desired: 'asleep', changed_at: now })
    .where('id', '=', id)
    .where('desired', '=', 'awake')
    .where('observed', '=', 'awake')
    .where('open_requests', '=', 0)
    .where('last_request_at', '<=', lastRequestAt)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** A request came: wake it unless it is suspended or going. */
export const wishWake = (db: Db, id: string, now: number) =>
  tables(db)
    .updateTable('fleet.instances')
    .set({ desired: 'awake', last_request_at: now, changed_at: now, retry_at: null })
    .where('id', '=', id)
    .where('desired', '=', 'asleep')
    .execute()

/** What runs on a schedule, and where. */
export const scheduledReleases = (
  db: Db,
): Promise<{ release: string; region: RegionId; manifest: Manifest }[]> =>
  tables(db)
    .selectFrom('fleet.instances as i')
    .innerJoin('fleet.releases as r', 'r.id', 'i.release')
    .select(['i.release', 'i.region', 'r.manifest'])
    .where('i.observed', '=', 'asleep')
    .where(sql<boolean>`r.manifest->'schedule' <> '[]'::jsonb`)
    .groupBy(['i.release', 'i.region', 'r.manifest'])
    .execute()

/** Wakes what has run before and has slept since before this moment; with how many that were. */
export async function wishScheduledWake(
  db: Db,
  where: { release: string; region: RegionId },
  due: number,
  now: number,
): Promise<number> {
  const rows = await tables(db)
    .updateTable('fleet.instances')
    .set({ desired: 'awake', changed_at: now, retry_at: null })
    .where('release', '=', where.release)
    .where('region', '=', where.region)
    .where('desired', '=', 'asleep')
    .where('observed', '=', 'asleep')
    .where('step', '=', 'provisioned')
    .where('changed_at', '<', due)
    .returning('id')
    .execute()
  return rows.length
}

/** What the edge saw; times only ever move forward. */
export const noteUse = (
  db: Db,
  id: string,
  seen: { lastRequestAt: number; lastUsedAt: number | null; openRequests: number },
) =>
  tables(db)
    .updateTable('fleet.instances')
    .set((eb) => ({
      last_request_at: sql<number>`greatest(${eb.ref('last_request_at')}, ${seen.lastRequestAt}::bigint)`,
      last_used_at: sql<number>`greatest(${eb.ref('last_used_at')}, ${seen.lastUsedAt}::bigint)`,
      open_requests: seen.openRequests,
    }))
    .where('id', '=', id)
    .execute()

type Seen = Partial<
  Pick<
    InstanceRow,
    | 'observed'
    | 'step'
    | 'secrets'
    | 'socket'
    | 'limits'
    | 'failure'
    | 'attempts'
    | 'retry_at'
    | 'destroyed_at'
  >
>

/** What the worker saw or reached. */
export const noteSeen = (db: Db, id: string, seen: Seen, now: number) =>
  tables(db)
    .updateTable('fleet.instances')
    .set({
      ...seen,
      ...(seen.limits === undefined ? {} : { limits: sql`${JSON.stringify(seen.limits)}::jsonb` as never }),
      changed_at: now,
    })
    .where('id', '=', id)
    .execute()
