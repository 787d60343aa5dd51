import { sql } from 'kysely'
import { type Db, tablesOf } from '../../kernel/db.ts'

type Tables = {
  'fleet.shipped_output': { instance: string; file: string; offset_bytes: number }
  'fleet.waiting_output': { instance: string; since: number }
  'fleet.instances': { id: string; region: string; observed: string }
}
const tables = (db: Db) => tablesOf<Tables>(db)

export const shippedOffsets = (db: Db) => tables(db).selectFrom('fleet.shipped_output').selectAll().execute()

export const regionsOf = (db: Db, instances: string[]) =>
  tables(db).selectFrom('fleet.instances').select(['id', 'region']).where('id', 'in', instances).execute()

export const noteShipped = (db: Db, instance: string, file: string, offsetBytes: number) =>
  tables(db)
    .insertInto('fleet.shipped_output')
    .values({ instance, file, offset_bytes: offsetBytes })
    .onConflict((conflict) =>
      conflict.columns(['instance', 'file']).doUpdateSet({ offset_bytes: offsetBytes }),
    )
    .execute()

/** Makes the list of those that have waited for long this one. */
export async function noteWaiting(db: Db, waiting: ReadonlyMap<string, number>): Promise<void> {
  const rows = [...waiting].map(([instance, since]) => ({ instance, since }))
  await db.transaction().execute(async (tx) => {
    await tables(tx).deleteFrom('fleet.waiting_output').execute()
    if (rows.length > 0) await tables(tx).insertInto('fleet.waiting_output').values(rows).execute()
  })
}

/** How many instances have output that has waited for the log for more than a minute. */
export const countWaiting = async (db: Db): Promise<number> =>
  (
    await tables(db)
      .selectFrom('fleet.waiting_output')
      .select(sql<number>`count(*)::int`.as('count'))
      .executeTakeFirstOrThrow()
  ).count
