import { sql } from 'kysely'
import { type Db, tablesOf } from '../kernel/db.ts'
import type { Values, Words } from './pledge.ts'
import type { Finding, Population, State } from './verdict.ts'

export type VerdictRow = {
  pledge: string
  state: State
  reason: Words
  remedy: Words | null
  population: Population | null
  findings: readonly Finding[]
  proved_at: number
  took_ms: number
  since: number
  logged_at: number
}
export type TransitionRow = {
  pledge: string
  at: number
  state: State
  reason: Words
  population: Population | null
}
/** By pledge id. */
export type OverviewContent = Record<
  string,
  {
    values: Values
    says: Words
    dropped: string | null
    /** How often it is proved and how old its evidence may be, where that is not as in the register. */
    every?: string | undefined
    freshness?: string | undefined
  }
>
/** A second person agreed, the only one there is did, or the demo world brought it along. */
export type Manner = 'second person' | 'one person' | 'demo'
export type OverviewRow = {
  id: string
  hash: string
  text: string
  content: OverviewContent
  proposed_by: string
  proposed_at: number
  approved_by: string | null
  approved_at: number | null
  approval: string | null
  manner: Manner | null
  /** The hash of the overview that was in force when this one was proposed; null where it was the register alone. */
  based_on: string | null
  /** Of one that was brought back from the log: the id that it has there. */
  restores: string | null
  annulled_at: number | null
  annulled_because: string | null
}
/** The dated line that a change of a promise leaves in public, for good. */
export type PublicLineRow = {
  position: number
  overview: string
  pledge: string | null
  what: 'value' | 'words' | 'dropped' | 'taken up' | 'vendor'
  parameter: string | null
  from_value: string | null
  to_value: string | null
  line_en: string
  line_sv: string
  manner: Manner
  by: string
  at: number
}
type Tables = {
  'pledges.verdicts': VerdictRow
  'pledges.transitions': TransitionRow
  'pledges.overviews': OverviewRow
  'pledges.public_lines': PublicLineRow
  'pledges.requests': { pledge: string; asked_at: number }
}
const tables = (db: Db) => tablesOf<Tables>(db)
const json = (value: unknown) => sql`${JSON.stringify(value)}::jsonb` as never

export const verdicts = (db: Db): Promise<VerdictRow[]> =>
  tables(db).selectFrom('pledges.verdicts').selectAll().execute()

export const verdictOf = (db: Db, pledge: string): Promise<VerdictRow | undefined> =>
  tables(db).selectFrom('pledges.verdicts').selectAll().where('pledge', '=', pledge).executeTakeFirst()

export const saveVerdict = (db: Db, row: VerdictRow) => {
  const values = {
    ...row,
    reason: json(row.reason),
    remedy: row.remedy && json(row.remedy),
    population: row.population && json(row.population),
    findings: json(row.findings),
  }
  const { pledge: _, ...changed } = values
  return tables(db)
    .insertInto('pledges.verdicts')
    .values(values)
    .onConflict((conflict) => conflict.column('pledge').doUpdateSet(changed))
    .execute()
}

export const addTransition = (db: Db, row: TransitionRow) =>
  tables(db)
    .insertInto('pledges.transitions')
    .values({ ...row, reason: json(row.reason), population: row.population && json(row.population) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()

/** Oldest first, with the one that was in force at `from`. */
export async function transitionsSince(db: Db, pledge: string, from: number): Promise<TransitionRow[]> {
  const of = tables(db).selectFrom('pledges.transitions').selectAll().where('pledge', '=', pledge)
  const [before, since] = await Promise.all([
    of.where('at', '<', from).orderBy('at', 'desc').limit(1).execute(),
    of.where('at', '>=', from).orderBy('at').execute(),
  ])
  return [...before, ...since]
}

export const requestProof = (db: Db, pledge: string, now: number) =>
  tables(db)
    .insertInto('pledges.requests')
    .values({ pledge, asked_at: now })
    .onConflict((conflict) => conflict.column('pledge').doUpdateSet({ asked_at: now }))
    .execute()

export const proofRequests = (db: Db) => tables(db).selectFrom('pledges.requests').selectAll().execute()

/** Answers what was asked for before `startedAt`. */
export const answerRequest = (db: Db, pledge: string, startedAt: number) =>
  tables(db)
    .deleteFrom('pledges.requests')
    .where('pledge', '=', pledge)
    .where('asked_at', '<=', startedAt)
    .execute()

const approvedOverviews = (db: Db) =>
  tables(db)
    .selectFrom('pledges.overviews')
    .selectAll()
    .where('approved_at', 'is not', null)
    .where('annulled_at', 'is', null)

/** The one that was approved last; undefined where the register alone is in force. */
export const overviewInForce = (db: Db): Promise<OverviewRow | undefined> =>
  approvedOverviews(db).orderBy('approved_at', 'desc').orderBy('id').limit(1).executeTakeFirst()

/** The one that was in force at an instant: what happened then is governed by it, whatever was approved later. */
export const overviewAt = (db: Db, instantMs: number): Promise<OverviewRow | undefined> =>
  approvedOverviews(db)
    .where('approved_at', '<=', instantMs)
    .orderBy('approved_at', 'desc')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()

/** Every overview that ever was in force, newest first, to judge many instants by. */
export const overviewsInForce = (db: Db): Promise<OverviewRow[]> =>
  approvedOverviews(db).orderBy('approved_at', 'desc').orderBy('id').execute()

export const overviewById = (db: Db, id: string): Promise<OverviewRow | undefined> =>
  tables(db).selectFrom('pledges.overviews').selectAll().where('id', '=', id).executeTakeFirst()

/** What was proposed, newest first. */
export const listProposals = (db: Db, limit: number): Promise<OverviewRow[]> =>
  tables(db)
    .selectFrom('pledges.overviews')
    .selectAll()
    .where('approval', 'is not', null)
    .orderBy('proposed_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute()

export const insertOverview = (db: Db, row: OverviewRow) =>
  tables(db)
    .insertInto('pledges.overviews')
    .values({ ...row, content: json(row.content) })
    .execute()

/** Brings a proposal into force; false when it was in force before. */
export async function approveOverview(
  db: Db,
  id: string,
  { by, at, manner }: { by: string; at: number; manner: Manner },
): Promise<boolean> {
  const done = await tables(db)
    .updateTable('pledges.overviews')
    .set({ approved_by: by, approved_at: at, manner })
    .where('id', '=', id)
    .where('approved_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return done !== undefined
}

/** Takes out of force what the log does not know; the row stays and says why. */
export const annulOverview = (db: Db, id: string, at: number, because: string) =>
  tables(db)
    .updateTable('pledges.overviews')
    .set({ annulled_at: at, annulled_because: because })
    .where('id', '=', id)
    .where('annulled_at', 'is', null)
    .execute()

export const annulledSince = (db: Db, from: number): Promise<OverviewRow[]> =>
  tables(db)
    .selectFrom('pledges.overviews')
    .selectAll()
    .where('annulled_at', '>=', from)
    .orderBy('annulled_at', 'desc')
    .limit(10)
    .execute()

export async function addPublicLines(
  db: Db,
  rows: readonly Omit<PublicLineRow, 'position'>[],
): Promise<void> {
  if (rows.length === 0) return
  await tables(db)
    .insertInto('pledges.public_lines')
    .values(rows as never)
    .execute()
}

/** Newest first; of one promise, or of all. */
export const publicLines = (
  db: Db,
  { pledge, limit }: { pledge?: string; limit: number },
): Promise<PublicLineRow[]> =>
  tables(db)
    .selectFrom('pledges.public_lines')
    .selectAll()
    .$if(pledge !== undefined, (query) => query.where('pledge', '=', pledge!))
    .orderBy('at', 'desc')
    .orderBy('position', 'desc')
    .limit(limit)
    .execute()

export const linesOfOverview = (db: Db, overview: string): Promise<PublicLineRow[]> =>
  tables(db)
    .selectFrom('pledges.public_lines')
    .selectAll()
    .where('overview', '=', overview)
    .orderBy('position')
    .execute()

/** For every promise that has a verdict: its changes of state since `from`, and the one that stood at `from`; oldest first. */
export async function allTransitionsSince(
  db: Db,
  from: number,
): Promise<Pick<TransitionRow, 'pledge' | 'at' | 'state'>[]> {
  const { rows } = await sql<Pick<TransitionRow, 'pledge' | 'at' | 'state'>>`
    select pledge, at, state from pledges.transitions where at >= ${from}
    union all
    select v.pledge, before.at, before.state
    from pledges.verdicts v
    cross join lateral (
      select t.at, t.state from pledges.transitions t
      where t.pledge = v.pledge and t.at < ${from} order by t.at desc limit 1
    ) before
    order by at`.execute(db)
  return rows
}

/** Lets no other overview come into force until this transaction ends. */
export async function lockOverviews(tx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('pledges.overviews'))`.execute(tx)
}
