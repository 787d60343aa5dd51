import { sql } from 'kysely'
import { type Db, tablesOf } from '../../../kernel/db.ts'
import type { Words } from '../../../pledges/pledge.ts'
import type { Located } from './locate.ts'

/** A thing in a store, where it was seen and where it should be; `place` is its path under the data folder. */
export type ArtefactRow = {
  place: string
  store: string
  path: string
  kind: string
  instance: string | null
  promised: string | null
  observed: string | null
  is_inside: boolean | null
  reason: Words | null
  size_bytes: number | null
  seen_at: number
}
type Tables = { 'location.artefacts': ArtefactRow }
const tables = (db: Db) => tablesOf<Tables>(db)
/** Said of a stray. */
export const NO_PLACE: Words = {
  en: 'It has no place in this store.',
  sv: 'Det har ingen plats i det här lagret.',
}
const ROWS_AT_ONCE = 5000

/** Takes over what was seen now; what is not there any more goes. A size that was not measured anew stays. */
export async function saveArtefacts(db: Db, { artefacts, strays }: Located, seenAt: number): Promise<void> {
  const rows: ArtefactRow[] = [
    ...artefacts.map((one) => ({
      ...{ place: one.path, store: one.store, path: one.path, kind: one.kind, instance: one.instance },
      ...{ promised: one.promised, observed: one.observed, is_inside: one.isInside, reason: one.reason },
      ...{ size_bytes: one.sizeBytes, seen_at: seenAt },
    })),
    ...strays.map(({ store, path }) => ({
      ...{ place: path, store, path, kind: 'stray', instance: null, promised: null, observed: null },
      ...{ is_inside: null, reason: NO_PLACE, size_bytes: null, seen_at: seenAt },
    })),
  ]
  await db.transaction().execute(async (tx) => {
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      const some = JSON.stringify(rows.slice(at, at + ROWS_AT_ONCE))
      await sql`
        insert into location.artefacts
          select * from jsonb_populate_recordset(null::location.artefacts, ${some}::jsonb)
        on conflict (place) do update set
          store = excluded.store, kind = excluded.kind, instance = excluded.instance, promised = excluded.promised,
          observed = excluded.observed, is_inside = excluded.is_inside, reason = excluded.reason,
          size_bytes = coalesce(excluded.size_bytes, location.artefacts.size_bytes),
          seen_at = excluded.seen_at`.execute(tx)
    }
    await tables(tx).deleteFrom('location.artefacts').where('seen_at', '<>', seenAt).execute()
  })
}

/** Instances of whose folders no size is known, then any: each round measures a few. */
export async function longestUnmeasured(db: Db, limit: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('location.artefacts')
    .select('instance')
    .where('store', '=', 'instances')
    .where('instance', 'is not', null)
    .groupBy('instance')
    .orderBy(sql`bool_or(size_bytes is null)`, 'desc')
    .orderBy(sql`random()`)
    .limit(limit)
    .execute()
  return rows.flatMap(({ instance }) => instance ?? [])
}

export type ArtefactFilter = {
  region?: string | undefined
  instance?: string | undefined
  /** Only what is not shown to be where it was promised. */
  outside?: boolean | undefined
  after?: string | undefined
  limit: number
}

/** A page of what was last seen, by its place, and how many there are in all. */
export async function listArtefacts(
  db: Db,
  filter: ArtefactFilter,
): Promise<{ rows: ArtefactRow[]; total: number }> {
  const found = tables(db)
    .selectFrom('location.artefacts')
    .$if(filter.region !== undefined, (query) =>
      query.where((eb) => eb.or([eb('observed', '=', filter.region!), eb('promised', '=', filter.region!)])),
    )
    .$if(filter.instance !== undefined, (query) => query.where('instance', '=', filter.instance!))
    .$if(filter.outside === true, (query) => query.where(sql<boolean>`is_inside is distinct from true`))
  const [rows, count] = await Promise.all([
    found
      .selectAll()
      .$if(filter.after !== undefined, (query) => query.where('place', '>', filter.after!))
      .orderBy('place')
      .limit(filter.limit)
      .execute(),
    found.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow(),
  ])
  return { rows, total: count.total }
}

export type RegionCount = {
  region: string | null
  kind: string
  artefacts: number
  outside: number
  untold: number
  instances: number
}

/** How much of each kind lies in each region. */
export const countArtefacts = (db: Db): Promise<RegionCount[]> =>
  tables(db)
    .selectFrom('location.artefacts')
    .select([
      'observed as region',
      'kind',
      sql<number>`count(*)::int`.as('artefacts'),
      sql<number>`(count(*) filter (where is_inside = false))::int`.as('outside'),
      sql<number>`(count(*) filter (where is_inside is null))::int`.as('untold'),
      sql<number>`count(distinct instance)::int`.as('instances'),
    ])
    .groupBy(['observed', 'kind'])
    .execute()
