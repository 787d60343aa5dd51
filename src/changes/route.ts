import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Action } from '../access/actions.ts'
import { type Actor, actorRef } from '../access/actor.ts'
import { authorise } from '../access/authorise.ts'
import { stampOf } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import { AppError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { type ChangeOutcome, type ChangeReply, change, firstAnswer } from './change.ts'
import type { RouteContext } from './context.ts'
import type { LogEntry } from './store.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Held by test/coverage.test.ts: every route says what it is and which access row guards it. */
    kind?: 'read' | 'change' | 'public'
    action?: Action
  }
}

type Shapes<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> = {
  params?: P
  query?: Q
  body?: B
  reply: R
}
type Input<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = {
  params: z.infer<P>
  query: z.infer<Q>
  body: z.infer<B>
  request: FastifyRequest
}
type Where = {
  subject: string
  region: string
  resource: { type: string; id: string }
  stream?: LogEntry['stream']
}

const PROBLEM = z
  .object({ type: z.string(), title: z.string(), status: z.number(), code: z.string(), detail: z.string() })
  .loose()
  .describe('RFC 9457 problem document')
const NONE = z.any()

/** A route that only looks: parse, authorise, one call, reply. With `logged` the look itself is written to the log. */
export function readRoute<
  P extends z.ZodType = typeof NONE,
  Q extends z.ZodType = typeof NONE,
  R extends z.ZodType = typeof NONE,
>(
  context: RouteContext,
  route: {
    url: string
    action: Action
    summary: string
    logged?: boolean
    resource?: (input: { params: z.infer<P>; query: z.infer<Q> }) => { type: string; id: string }
    shapes: Omit<Shapes<P, Q, typeof NONE, R>, 'body'>
    handle: (input: Omit<Input<P, Q, typeof NONE>, 'body'>, actor: Actor) => Promise<z.infer<R>>
  },
): void {
  context.app.get(
    route.url,
    {
      config: { kind: 'read', action: route.action },
      schema: schemaOf(route.summary, route.action, route.shapes, 200),
    },
    async (request, reply) => {
      const actor = await context.authenticate(request)
      const input = { params: request.params as z.infer<P>, query: request.query as z.infer<Q>, request }
      const resource = route.resource?.(input) ?? { type: 'World', id: 'world' }
      authorise(actor, route.action, resource)
      if (route.logged) await recordLook(context, actor, route.action, resource, input.query)
      return reply.send(await route.handle(input, actor))
    },
  )
}

/** A route that changes something, through the one wrapper: logged or refused. */
export function changeRoute<
  P extends z.ZodType = typeof NONE,
  B extends z.ZodType = typeof NONE,
  R extends z.ZodType = typeof NONE,
>(
  context: RouteContext,
  route: {
    method: 'POST' | 'DELETE'
    url: string
    action: Action
    summary: string
    status: 200 | 201 | 202
    /** Of the body, where it holds a file; 1 MiB otherwise. */
    bodyLimitBytes?: number
    shapes: Omit<Shapes<P, typeof NONE, B, R>, 'query'>
    /** Looks up and checks before anything is intended; what it returns reaches `effect`. */
    prepare: (
      input: Omit<Input<P, typeof NONE, B>, 'query'>,
      actor: Actor,
    ) => Promise<
      Where & { intent?: Record<string, unknown>; fingerprint?: string; effect: Effect<z.infer<R>> }
    >
  },
): void {
  context.app.route({
    method: route.method,
    url: route.url,
    config: { kind: 'change', action: route.action },
    ...(route.bodyLimitBytes === undefined ? {} : { bodyLimit: route.bodyLimitBytes }),
    schema: schemaOf(route.summary, route.action, route.shapes, route.status),
    handler: async (request, reply) => {
      const actor = await context.authenticate(request)
      authorise(actor, route.action, { type: 'World', id: 'world' })
      const input = { params: request.params as z.infer<P>, body: request.body as z.infer<B>, request }
      const idempotencyKey = idempotencyKeyOf(request)
      const send = ({ status, body, replayed }: ChangeReply<z.infer<R>>) => {
        if (replayed) reply.header('idempotent-replayed', 'true')
        return reply.code(status).send(body)
      }
      const prepared = await route.prepare(input, actor).catch(async (error: unknown) => {
        // What now stands against it may be its own first effect: destroyed once, it cannot be destroyed again.
        const asked = { action: route.action, actor, input: { params: input.params, body: input.body } }
        const first = await firstAnswer<z.infer<R>>(context.changes.db, { ...asked, idempotencyKey })
        if (first) return first
        throw error
      })
      if ('replayed' in prepared) return send(prepared)
      const done = await change<z.infer<R>>(
        context.changes,
        {
          action: route.action,
          actor,
          resource: prepared.resource,
          input: { params: input.params, body: prepared.fingerprint ?? input.body },
          idempotencyKey,
          subject: prepared.subject,
          region: prepared.region,
          stream: prepared.stream ?? 'administrator',
          ...(prepared.intent ? { intent: prepared.intent } : {}),
        },
        prepared.effect,
      )
      return send(done)
    },
  })
}

export type Effect<Body> = (tx: Db, change: { id: string; now: number }) => Promise<ChangeOutcome<Body>>

/**
 * Somebody who keeps looking at the same thing looks once: a page that follows the log would otherwise make it grow by
 * following it. Turning pages is part of the same look.
 */
const SAME_LOOK_MS = 5 * 60_000
const LOOKS_REMEMBERED = 10_000
const looks = new WeakMap<object, Map<string, number>>()

function isSameLook(context: RouteContext, actor: Actor, what: unknown): boolean {
  const now = context.changes.clock.now()
  const seen = looks.get(context.changes) ?? new Map<string, number>()
  looks.set(context.changes, seen)
  const key = JSON.stringify([actorRef(actor), what])
  const last = seen.get(key)
  if (last !== undefined && now >= last && now - last < SAME_LOOK_MS) return true
  seen.delete(key)
  seen.set(key, now)
  if (seen.size > LOOKS_REMEMBERED) seen.delete(seen.keys().next().value!)
  return false
}

/** A look that is itself logged; when the log is down the look goes on (only changes are refused). */
async function recordLook(
  context: RouteContext,
  actor: Actor,
  action: Action,
  resource: { type: string; id: string },
  query: unknown,
) {
  const { from: _, limit: __, reverse: ___, ...asked } = (query ?? {}) as Record<string, unknown>
  if (isSameLook(context, actor, [action, resource, asked])) return
  const { append, clock, logger } = context.changes
  const entry: LogEntry = {
    key: newId('evt'),
    stream: 'operator',
    subject: 'plane',
    region: 'plane',
    type: `${action}.looked`,
    event: { action, actor: actorRef(actor), resource, ...stampOf(clock) },
  }
  await append([entry]).catch((error: unknown) => {
    looks.delete(context.changes)
    logger.warn('a look could not be logged', { action, error })
  })
}

function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const given = request.headers['idempotency-key']
  if (given === undefined) return undefined
  if (typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given)) return given
  throw new AppError('bad_request', 'The Idempotency-Key header is not usable.', {
    remedy: 'Send 1 to 128 printable ASCII characters without spaces.',
  })
}

function schemaOf(
  summary: string,
  action: Action,
  shapes: Shapes<z.ZodType, z.ZodType, z.ZodType, z.ZodType>,
  status: number,
) {
  return {
    summary,
    operationId: summary.replace(
      /[^A-Za-z0-9]+(.)?/g,
      (_, letter: string | undefined) => letter?.toUpperCase() ?? '',
    ),
    tags: [action.split('.')[0]!],
    security: [{ token: [] }],
    ...(shapes.params ? { params: shapes.params } : {}),
    ...(shapes.query ? { querystring: shapes.query } : {}),
    ...(shapes.body ? { body: shapes.body } : {}),
    response: { [status]: shapes.reply, default: PROBLEM },
  }
}
