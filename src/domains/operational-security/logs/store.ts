import { type Db, tablesOf } from '../../../kernel/db.ts'

/** What a witness did with the last checkpoint that was carried to it. */
export type WitnessState = 'cosigned' | 'refused' | 'silent'
export type WitnessRow = {
  key: string
  name: string
  url: string
  state: WitnessState
  reason: string | null
  tried_at: number
  since: number
}

const tables = (db: Db) => tablesOf<{ 'logs.witnesses': WitnessRow }>(db)

/** What is known of each witness, by its key. */
export async function witnessRows(db: Db): Promise<Map<string, WitnessRow>> {
  const rows = await tables(db).selectFrom('logs.witnesses').selectAll().execute()
  return new Map(rows.map((row) => [row.key, row]))
}

export async function saveWitness(db: Db, row: WitnessRow): Promise<void> {
  const { key: _, ...rest } = row
  await tables(db)
    .insertInto('logs.witnesses')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(rest))
    .execute()
}

/** Forgets witnesses that the world no longer names. */
export async function keepWitnesses(db: Db, keys: readonly string[]): Promise<void> {
  const all = tables(db).deleteFrom('logs.witnesses')
  await (keys.length === 0 ? all : all.where('key', 'not in', keys)).execute()
}
