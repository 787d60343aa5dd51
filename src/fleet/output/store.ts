import { type Db, tablesOf } from '../../kernel/db.ts'

type Tables = {
  'fleet.shipped_output': { instance: string; file: string; offset_bytes: number }
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
