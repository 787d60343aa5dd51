import type { Clock } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import { AppError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { type Actor, actorRef, peopleBehind } from './actor.ts'
import { hashOfToken, newSecretToken } from './secret-token.ts'
import { insertLink, insertSession, personById, type SessionRow, useLink } from './store.ts'

const LINK_LIFE_MS = 24 * 60 * 60 * 1000
const SESSION_LIFE_MS = 12 * 60 * 60 * 1000

/** A link that signs this person in once within a day. Only its hash is kept, with who made it. */
export async function makeSignInLink(
  db: Db,
  { person, maker, now }: { person: string; maker: Actor; now: number },
): Promise<string> {
  const token = newSecretToken('bgl')
  await insertLink(db, {
    id: newId('lnk'),
    person,
    token_hash: hashOfToken(token),
    made_by: actorRef(maker),
    behind: peopleBehind(maker),
    created_at: now,
    expires_at: now + LINK_LIFE_MS,
    used_at: null,
  })
  return token
}

/** A session of twelve hours; returns the secret for its cookie. `behind` is that of the link or passkey that it begins with. */
export async function openSession(
  db: Db,
  { person, method, behind, now }: Pick<SessionRow, 'person' | 'method' | 'behind'> & { now: number },
): Promise<string> {
  const token = newSecretToken('bgs')
  await insertSession(db, {
    id: newId('ses'),
    person,
    token_hash: hashOfToken(token),
    method,
    behind,
    created_at: now,
    last_seen_at: now,
    expires_at: now + SESSION_LIFE_MS,
    ended_at: null,
  })
  return token
}

/** Uses a link up and opens a session; AppError `unauthenticated` when it is unknown, used or too old. */
export async function signInWithLink(
  db: Db,
  token: string,
  clock: Clock,
): Promise<{ person: string; session: string }> {
  const now = clock.now()
  return db.transaction().execute(async (tx) => {
    const used = await useLink(tx, hashOfToken(token), now)
    const person = used && (await personById(tx, used.person))
    if (!used || !person || person.disabled_at !== null)
      throw new AppError('unauthenticated', 'This link is unknown, was used before, or is too old.', {
        remedy: 'Make a new one with `borgen sign-in-link`.',
      })
    return {
      person: person.id,
      session: await openSession(tx, { person: person.id, method: 'link', behind: used.behind, now }),
    }
  })
}
