import { createHash, randomBytes } from 'node:crypto'
import type { Queryable } from '../database.ts'

export type User = { id: string; name: string; email: string; role: 'admin' | 'member' }

export const SESSION_DAYS = 14
const IDLE_HOURS = 48

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()

/** The token leaves this process once; the database keeps only its hash. */
export async function openSession(db: Queryable, userId: string, userAgent: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await db.query(
    `insert into sessions (token_hash, user_id, user_agent, expires_at)
     values ($1, $2, $3, now() + make_interval(days => $4))`,
    [hashToken(token), userId, userAgent.slice(0, 200), SESSION_DAYS],
  )
  await db.query(
    'delete from sessions where expires_at < now() or last_seen_at < now() - make_interval(hours => $1)',
    [IDLE_HOURS],
  )
  return token
}

/** Touches the session at most once a minute, so that reading does not write on every request. */
export async function findSession(db: Queryable, token: string): Promise<User | null> {
  const hash = hashToken(token)
  const [found] = await db.query<User & { stale: boolean }>(
    `select u.id, u.name, u.email, u.role, s.last_seen_at < now() - interval '1 minute' as stale
     from sessions s join users u on u.id = s.user_id
     where s.token_hash = $1 and s.expires_at > now() and u.disabled_at is null
       and s.last_seen_at > now() - make_interval(hours => $2)`,
    [hash, IDLE_HOURS],
  )
  if (!found) return null
  const { stale, ...user } = found
  if (stale) await db.query('update sessions set last_seen_at = now() where token_hash = $1', [hash])
  return user
}

export async function closeSession(db: Queryable, token: string): Promise<void> {
  await db.query('delete from sessions where token_hash = $1', [hashToken(token)])
}

export async function closeSessions(db: Queryable, userId: string, exceptToken?: string): Promise<void> {
  await db.query('delete from sessions where user_id = $1 and token_hash is distinct from $2', [
    userId,
    exceptToken ? hashToken(exceptToken) : null,
  ])
}
