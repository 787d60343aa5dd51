import { type Db, tablesOf } from '../kernel/db.ts'

/** One time that somebody advanced the demo's clock; all times but the offsets are the machine's. */
export type AdvanceRow = {
  id: string
  from_offset_ms: number
  to_offset_ms: number
  asked_at: number
  asked_by: string
  steps: number
  item: string | null
  ended_at: number | null
  problem: string | null
}
const tables = (db: Db) => tablesOf<{ 'demo.advances': AdvanceRow }>(db)

/** False when one is under way: there is one at a time. */
export async function insertAdvance(
  db: Db,
  row: Omit<AdvanceRow, 'steps' | 'item' | 'ended_at' | 'problem'>,
): Promise<boolean> {
  const inserted = await tables(db)
    .insertInto('demo.advances')
    .values({ ...row, steps: 0, item: null, ended_at: null, problem: null })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

export const openAdvance = (db: Db): Promise<AdvanceRow | undefined> =>
  tables(db).selectFrom('demo.advances').selectAll().where('ended_at', 'is', null).executeTakeFirst()

export const lastAdvance = (db: Db): Promise<AdvanceRow | undefined> =>
  tables(db)
    .selectFrom('demo.advances')
    .selectAll()
    .orderBy('asked_at', 'desc')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()

export const noteAdvance = (
  db: Db,
  id: string,
  seen: Partial<Pick<AdvanceRow, 'steps' | 'item' | 'ended_at' | 'problem'>>,
) => tables(db).updateTable('demo.advances').set(seen).where('id', '=', id).execute()
