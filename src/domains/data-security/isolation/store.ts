import { sql } from 'kysely'
import { type Db, tablesOf } from '../../../kernel/db.ts'
import type { Judged } from './judge.ts'

export type ProbeRow = {
  instance: string
  state: 'kept' | 'broken' | 'unknown'
  was: 'asleep' | 'awake'
  uid: number | null
  tries: Judged['shown']
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

/** A look without what was kept of it: what each kind of tries showed, and of whom when. */
export type ProbeSummary = Omit<ProbeRow, 'tries' | 'took_ms'> & {
  application: ProbeRow['state']
  database: ProbeRow['state'] | null
  outside: ProbeRow['state']
  tried: number
}

/** Every instance's last look, shortly. */
export const probeSummaries = (db: Db): Promise<ProbeSummary[]> =>
  tables(db)
    .selectFrom('isolation.probes')
    .select(['instance', 'state', 'was', 'uid', 'probed_at'])
    .select([
      sql<ProbeRow['state']>`tries->'application'->>'state'`.as('application'),
      sql<ProbeRow['state'] | null>`case when tries->'database'->>'tried' = '0' then null
        else tries->'database'->>'state' end`.as('database'),
      sql<ProbeRow['state']>`tries->'outside'->>'state'`.as('outside'),
      sql<number>`((tries->'application'->>'tried')::int + (tries->'database'->>'tried')::int
        + (tries->'outside'->>'tried')::int)`.as('tried'),
    ])
    .execute()

/** The whole rows of these instances. */
export const probesOf = (db: Db, instances: readonly string[]): Promise<ProbeRow[]> =>
  instances.length === 0
    ? Promise.resolve([])
    : tables(db)
        .selectFrom('isolation.probes')
        .selectAll()
        .where('instance', 'in', [...instances])
        .execute()

/** Saves a look; whether its state differs from the one before. */
export async function saveProbe(db: Db, row: ProbeRow): Promise<boolean> {
  const values = { ...row, tries: sql`${JSON.stringify(row.tries)}::jsonb` as never }
  const before = await tables(db)
    .selectFrom('isolation.probes')
    .select('state')
    .where('instance', '=', row.instance)
    .executeTakeFirst()
  await tables(db)
    .insertInto('isolation.probes')
    .values(values)
    .onConflict((conflict) => conflict.column('instance').doUpdateSet(values))
    .execute()
  return before?.state !== row.state
}

/** Forgets instances that are gone. */
export async function forgetProbes(db: Db, instances: readonly string[]): Promise<void> {
  if (instances.length === 0) return
  await tables(db)
    .deleteFrom('isolation.probes')
    .where('instance', 'in', [...instances])
    .execute()
}
