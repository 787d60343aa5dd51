import { sql } from 'kysely'
import { type Db, tablesOf } from '../../../kernel/db.ts'

/** One attack: whether it reached what it should not, and whether the same try reaches a planted thing where nothing holds it. */
export type Try = {
  from: 'application' | 'database' | 'outside'
  name: string
  reached: boolean
  controlReached: boolean
  detail: string
}

export type ProbeRow = {
  instance: string
  state: 'kept' | 'broken' | 'unknown'
  was: 'asleep' | 'awake'
  uid: number | null
  tries: readonly Try[]
  probed_at: number
  took_ms: number
}
type Tables = { 'isolation.probes': ProbeRow }
const tables = (db: Db) => tablesOf<Tables>(db)

/** When each instance was last looked at from inside, in epoch milliseconds. */
export async function probedAt(db: Db): Promise<Map<string, number>> {
  const rows = await tables(db).selectFrom('isolation.probes').select(['instance', 'probed_at']).execute()
  return new Map(rows.map((row) => [row.instance, row.probed_at]))
}

export type ProbeSummary = Omit<ProbeRow, 'tries' | 'took_ms'>

/** Every instance's last look, without its tries. */
export const probeSummaries = (db: Db): Promise<ProbeSummary[]> =>
  tables(db).selectFrom('isolation.probes').select(['instance', 'state', 'was', 'uid', 'probed_at']).execute()

/** The whole rows of these instances. */
export const probesOf = (db: Db, instances: readonly string[]): Promise<ProbeRow[]> =>
  instances.length === 0
    ? Promise.resolve([])
    : tables(db)
        .selectFrom('isolation.probes')
        .selectAll()
        .where('instance', 'in', [...instances])
        .execute()

export async function saveProbe(db: Db, row: ProbeRow): Promise<void> {
  const values = { ...row, tries: sql`${JSON.stringify(row.tries)}::jsonb` as never }
  await tables(db)
    .insertInto('isolation.probes')
    .values(values)
    .onConflict((conflict) => conflict.column('instance').doUpdateSet(values))
    .execute()
}

/** Forgets instances that are gone. */
export async function forgetProbes(db: Db, instances: readonly string[]): Promise<void> {
  if (instances.length === 0) return
  await tables(db)
    .deleteFrom('isolation.probes')
    .where('instance', 'in', [...instances])
    .execute()
}
