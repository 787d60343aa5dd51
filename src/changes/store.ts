import { sql } from 'kysely'
import { type Db, tablesOf } from '../kernel/db.ts'

export type ChangeRow = {
  id: string
  action: string
  actor: string
  idempotency_key: string | null
  request_sha256: Buffer
  state: 'intended' | 'done' | 'refused' | 'abandoned'
  response: { status: number; body: unknown } | null
  created_at: number
  ended_at: number | null
}

/** One entry on its way into the log; `key` makes a second delivery harmless. */
export type LogEntry = {
  key: string
  stream: 'event' | 'audit' | 'error' | 'administrator' | 'operator'
  subject: string
  region: string
  type: string
  event: Record<string, unknown>
}

type Tables = {
  'changes.changes': ChangeRow
  'changes.outbox': LogEntry & { position: number; created_at: number }
}
const tables = (db: Db) => tablesOf<Tables>(db)

/** Registers an intention; false when this actor has used the idempotency key before. */
export async function insertChange(db: Db, row: ChangeRow): Promise<boolean> {
  const inserted = await tables(db)
    .insertInto('changes.changes')
    .values({ ...row, response: null })
    .onConflict((conflict) => conflict.columns(['actor', 'idempotency_key']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted !== undefined
}

export const changeByKey = (db: Db, actor: string, key: string) =>
  tables(db)
    .selectFrom('changes.changes')
    .selectAll()
    .where('actor', '=', actor)
    .where('idempotency_key', '=', key)
    .executeTakeFirst()

/** Ends an intention; false when somebody else (the sweeper) has ended it before. */
export async function endChange(
  db: Db,
  id: string,
  end: { state: 'done' | 'refused' | 'abandoned'; response: ChangeRow['response']; now: number },
): Promise<boolean> {
  const ended = await tables(db)
    .updateTable('changes.changes')
    .set({
      state: end.state,
      response: end.response === null ? null : sql`${JSON.stringify(end.response)}::jsonb`,
      ended_at: end.now,
    })
    .where('id', '=', id)
    .where('state', '=', 'intended')
    .returning('id')
    .executeTakeFirst()
  return ended !== undefined
}

/** A change without effect gives its key back, so that the request may be corrected or repeated. */
export const freeIdempotencyKey = (db: Db, id: string) =>
  tables(db).updateTable('changes.changes').set({ idempotency_key: null }).where('id', '=', id).execute()

export const openChangesBefore = (db: Db, before: number, limit: number) =>
  tables(db)
    .selectFrom('changes.changes')
    .select(['id', 'action', 'actor'])
    .where('state', '=', 'intended')
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(limit)
    .execute()

export const insertOutbox = (db: Db, entries: LogEntry[], now: number) =>
  tables(db)
    .insertInto('changes.outbox')
    .values(
      entries.map(
        (entry) =>
          ({ ...entry, event: sql`${JSON.stringify(entry.event)}::jsonb`, created_at: now }) as never,
      ),
    )
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()

export const oldestOutbox = (db: Db, limit: number) =>
  tables(db).selectFrom('changes.outbox').selectAll().orderBy('position').limit(limit).execute()

export const countOutbox = async (db: Db): Promise<number> =>
  (
    await tables(db)
      .selectFrom('changes.outbox')
      .select(sql<number>`count(*)::int`.as('count'))
      .executeTakeFirstOrThrow()
  ).count

export const outboxOf = (db: Db, keys: string[]) =>
  tables(db).selectFrom('changes.outbox').selectAll().where('key', 'in', keys).execute()

export const deleteOutbox = (db: Db, positions: number[]) =>
  tables(db).deleteFrom('changes.outbox').where('position', 'in', positions).execute()

/** What of one type still is on its way into the log. */
export const outboxOfType = (db: Db, type: string) =>
  tables(db).selectFrom('changes.outbox').select(['key', 'event']).where('type', '=', type).execute()
