import { sql } from 'kysely'
import { type Db, tablesOf } from '../../kernel/db.ts'

export type ResourceRow = {
  instance: string
  at: number
  /** Processor time since its start; null where this machine does not count it. */
  cpu_total_ms: number | null
  memory_bytes: number | null
  disk_bytes: number | null
  processes: number | null
  state: 'starting' | 'awake'
}
type Tables = { 'fleet.resources': ResourceRow }
const tables = (db: Db) => tablesOf<Tables>(db)

/** Adds samples; those of instances that no row knows, or of the same moment, are left out. */
export const insertSamples = (db: Db, rows: ResourceRow[]) =>
  sql`insert into fleet.resources (instance, at, cpu_total_ms, memory_bytes, disk_bytes, processes, state)
    select s.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as s(instance text, at bigint, cpu_total_ms bigint, memory_bytes bigint, disk_bytes bigint, processes int, state text)
    join fleet.instances i on i.id = s.instance
    on conflict do nothing`.execute(db)

/** Oldest first, with the last one before `since`, from which the first difference is taken. */
export const samplesSince = (db: Db, instance: string, since: number, limit: number) =>
  tables(db)
    .selectFrom('fleet.resources')
    .selectAll()
    .where('instance', '=', instance)
    .where(
      'at',
      '>=',
      sql<number>`coalesce((select max(at) from fleet.resources where instance = ${instance} and at < ${since}::bigint), ${since}::bigint)`,
    )
    .orderBy('at')
    .limit(limit)
    .execute()

/** Deletes some of what is older, oldest first; answers how many. */
export async function deleteSamplesBefore(db: Db, before: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from fleet.resources where (instance, at) in
      (select instance, at from fleet.resources where at < ${before}::bigint order by at limit ${limit})`.execute(
    db,
  )
  return Number(numAffectedRows ?? 0)
}
