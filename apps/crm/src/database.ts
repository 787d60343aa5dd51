import { userInfo } from 'node:os'
import pg from 'pg'
import type { Log } from './log.ts'

export type Row = Record<string, unknown>

export type Queryable = {
  query<T = Row>(sql: string, values?: readonly unknown[]): Promise<T[]>
}

export type Database = Queryable & {
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const INT8 = 20
const DATE = 1082

// Dates have no time zone and must stay text; bigints are bounded by checks well inside 2^53.
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return Number
    if (oid === DATE) return (text: string) => text
    return pg.types.getTypeParser(oid, format as 'text')
  }) as pg.CustomTypesConfig['getTypeParser'],
}

/** As libpq does where neither the URL nor PGUSER names a user; shells without USER are common in containers. */
function presentUser(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined // no entry in the machine's list of users: then the URL must name one
  }
}

export function openDatabase(url: string, log: Log): Database {
  pg.defaults.user ??= presentUser()
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 15_000,
    application_name: 'crm',
    types,
  })
  pool.on('error', (error) => log.error('database.connection-lost', error))

  const queryable = (client: pg.Pool | pg.PoolClient): Queryable => ({
    query: async <T>(sql: string, values: readonly unknown[] = []) =>
      (await client.query(sql, values as unknown[])).rows as T[],
  })

  return {
    ...queryable(pool),
    close: () => pool.end(),
    async transaction(work) {
      const client = await pool.connect()
      let broken: Error | undefined
      try {
        await client.query('begin')
        const result = await work(queryable(client))
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback').catch((reason: Error) => {
          broken = reason
        })
        throw error
      } finally {
        client.release(broken)
      }
    },
  }
}

/** The five-character SQLSTATE, for those errors that mean something to the caller. */
export function sqlState(error: unknown): string | null {
  return error instanceof Error && 'severity' in error && 'code' in error ? String(error.code) : null
}
