import { createHash } from 'node:crypto'
import type { Queryable } from '../database.ts'
import { Problem } from '../http/problem.ts'

const WINDOW_MINUTES = 15
/** Few for one account, more for one address: an office shares an address. */
export const MAX_FAILURES = { account: 8, address: 40 } as const

export type Key = { kind: keyof typeof MAX_FAILURES; value: string }

// Hashed, so that the table is not a list of who tried to sign in from where.
const keyHash = (key: Key): Buffer => createHash('sha256').update(`${key.kind}:${key.value}`).digest()

/** In the database and not in memory: an instance that sleeps and wakes must not forget. */
export async function refuseIfLimited(db: Queryable, keys: readonly Key[]): Promise<void> {
  for (const key of keys) {
    const [found] = await db.query<{ failures: number }>(
      `select count(*) as failures from sign_in_failures
       where key = $1 and at > now() - make_interval(mins => $2)`,
      [keyHash(key), WINDOW_MINUTES],
    )
    if (found && found.failures >= MAX_FAILURES[key.kind]) {
      throw new Problem(429, `Too many failed attempts. Wait ${WINDOW_MINUTES} minutes and try again.`, [], {
        'retry-after': String(WINDOW_MINUTES * 60),
      })
    }
  }
}

export async function recordFailure(db: Queryable, keys: readonly Key[]): Promise<void> {
  await db.query('insert into sign_in_failures (key) select unnest($1::bytea[])', [keys.map(keyHash)])
  await db.query(`delete from sign_in_failures where at < now() - make_interval(mins => $1)`, [
    WINDOW_MINUTES,
  ])
}

export async function forgetFailures(db: Queryable, key: Key): Promise<void> {
  await db.query('delete from sign_in_failures where key = $1', [keyHash(key)])
}
