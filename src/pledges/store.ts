import { sql } from 'kysely'
import { type Db, tablesOf } from '../kernel/db.ts'
import type { Values, Words } from './pledge.ts'
import type { Finding, Population, State } from './verdict.ts'

export type VerdictRow = {
  pledge: string
  state: State
  reason: string
  remedy: string | null
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
  reason: string
  population: Population | null
}
/** By pledge id. */
export type OverviewContent = Record<string, { values: Values; says: Words; dropped: string | null }>
export type OverviewRow = {
  id: string
  hash: string
  text: string
  content: OverviewContent
  proposed_by: string
  proposed_at: number
  approved_by: string | null
  approved_at: number | null
}
type Tables = {
  'pledges.verdicts': VerdictRow
  'pledges.transitions': TransitionRow
  'pledges.overviews': OverviewRow
  'pledges.requests': { pledge: string; asked_at: number }
}
const tables = (db: Db) => tablesOf<Tables>(db)
const json = (value: unknown) => sql`${JSON.stringify(value)}::jsonb` as never

export const verdicts = (db: Db): Promise<VerdictRow[]> =>
  tables(db).selectFrom('pledges.verdicts').selectAll().execute()

export const verdictOf = (db: Db, pledge: string): Promise<VerdictRow | undefined> =>
  tables(db).selectFrom('pledges.verdicts').selectAll().where('pledge', '=', pledge).executeTakeFirst()

export const saveVerdict = (db: Db, row: VerdictRow) => {
  const values = { ...row, population: row.population && json(row.population), findings: json(row.findings) }
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
    .values({ ...row, population: row.population && json(row.population) })
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

export const overviewInForce = (db: Db): Promise<OverviewRow | undefined> =>
  tables(db)
    .selectFrom('pledges.overviews')
    .selectAll()
    .where('approved_at', 'is not', null)
    .orderBy('approved_at', 'desc')
    .limit(1)
    .executeTakeFirst()
