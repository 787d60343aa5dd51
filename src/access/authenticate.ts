import type { FastifyRequest } from 'fastify'
import type { Clock } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import { AppError } from '../kernel/errors.ts'
import type { Actor } from './actor.ts'
import { hashOfToken } from './secret-token.ts'
import { sessionByHash, tokenByHash, touchSession, touchToken } from './store.ts'

export const SESSION_COOKIE = '__Host-borgen'

const TOUCH_EVERY_MS = 60_000

/** SHA-256 (hex) of each of our own processes' tokens, with the name it may act under. */
export type ProcessTokens = Readonly<Record<string, string>>

/** A person's stay, from signing in to when it ends by itself (epoch ms). */
export type Session = {
  id: string
  person: string
  name: string
  actor: Actor
  sinceMs: number
  untilMs: number
  method: 'link' | 'passkey'
  /** Everybody else who could be the one that signed in, through the link or passkey that it began with. */
  behind: readonly string[]
}

export type Authentication = {
  authenticate(request: FastifyRequest): Promise<Actor>
  /** The session behind a console request, without throwing. */
  sessionOf(request: FastifyRequest): Promise<Session | undefined>
}

/**
 * Who sent a request: a bearer token (API token or one of our processes) or the console's session cookie. A cookie changes
 * something only when the Origin header names the console itself.
 */
export function createAuthentication(given: {
  db: Db
  clock: Clock
  consoleOrigin: string
  processTokens: ProcessTokens
}): Authentication {
  const { db, clock, consoleOrigin, processTokens } = given

  const sessionOf: Authentication['sessionOf'] = async (request) => {
    const token = cookieOf(request.headers.cookie, SESSION_COOKIE)
    if (token === undefined) return undefined
    const now = clock.now()
    const session = await sessionByHash(db, hashOfToken(token), now)
    if (!session) return undefined
    if (now - session.last_seen_at > TOUCH_EVERY_MS) await touchSession(db, session.id, now)
    return {
      id: session.id,
      person: session.person,
      name: session.name,
      sinceMs: session.created_at,
      untilMs: session.expires_at,
      method: session.method,
      behind: session.behind,
      actor: {
        kind: 'person',
        id: session.person,
        role: session.role,
        behind: [session.person, ...session.behind],
      },
    }
  }

  return {
    sessionOf,
    async authenticate(request) {
      const bearer = /^Bearer ([A-Za-z0-9_-]{20,200})$/.exec(request.headers.authorization ?? '')?.[1]
      if (bearer !== undefined) {
        const hash = hashOfToken(bearer)
        const process = processTokens[hash.toString('hex')]
        if (process !== undefined) return { kind: 'process', id: process }
        const now = clock.now()
        const token = await tokenByHash(db, hash, now)
        if (token) {
          if (now - (token.last_used_at ?? 0) > TOUCH_EVERY_MS) await touchToken(db, token.id, now)
          return {
            kind: 'token',
            id: token.id,
            role: token.role,
            scopes: token.scopes,
            createdBy: token.created_by,
            behind: token.behind,
          }
        }
      } else {
        const session = await sessionOf(request)
        if (session && (isSafe(request.method) || request.headers.origin === consoleOrigin))
          return session.actor
        if (session)
          throw new AppError('forbidden', 'This request did not come from the console itself.', {
            remedy: 'Open the console and repeat it there.',
          })
      }
      throw new AppError(
        'unauthenticated',
        'Nobody is signed in, or the token is unknown, expired or revoked.',
        {
          remedy: 'Send `Authorization: Bearer <token>`; `borgen token create` makes one.',
        },
      )
    },
  }
}

const isSafe = (method: string) => method === 'GET' || method === 'HEAD'

export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return undefined
}
