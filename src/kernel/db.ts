import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'

// bigint columns hold milliseconds and sizes, all below 2^53
pg.types.setTypeParser(20, (text) => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint out of range: ${text}`)
  return value
})

/** Each domain narrows this to its own tables in its `store.ts`. */
export type AnyDatabase = Record<string, Record<string, unknown>>
export type Db<Tables = AnyDatabase> = Kysely<Tables>
export type Tx<Tables = AnyDatabase> = Transaction<Tables>

export type Database = { db: Db; pool: pg.Pool; close(): Promise<void> }

/** A pool on the plane's database; every connection has statement and lock time-outs. */
export function openDatabase(url: string, { maxConnections = 10 } = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    statement_timeout: 30_000,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 30_000,
  })
  pool.on('error', () => {}) // an idle connection that breaks is replaced at its next use
  const db = new Kysely<AnyDatabase>({ dialect: new PostgresDialect({ pool }) })
  return { db, pool, close: () => db.destroy() }
}

/** The same connection seen with one store's tables. */
export function tablesOf<Tables>(db: Db | Tx): Db<Tables> {
  return db as unknown as Db<Tables>
}

/** PostgreSQL's error code (SQLSTATE), if it is one. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}
