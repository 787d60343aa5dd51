import { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { RouteContext } from '../changes/context.ts'
import { realNow } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { ID_PATTERN } from '../kernel/ids.ts'
import { nudge } from '../kernel/jobs.ts'
import { type Instance, instanceBy, noteUse, wishWake } from './instances/store.ts'

const WAIT_AT_MOST_MS = 25_000

/** Resolves when an instance's row has changed, or after the time given. */
export type AwaitInstanceChange = (instance: string, timeoutMs: number) => Promise<void>

/** What only the edge may ask: where a name leads, and that it was used. Not part of the public API. */
export function edgeRoutes(context: RouteContext, awaitChange: AwaitInstanceChange): void {
  const { app, changes } = context
  const { db, clock } = changes
  const resource = { type: 'World', id: 'world' }

  app.post(
    '/internal/edge/resolve',
    {
      config: { kind: 'read', action: 'edge.resolve' },
      schema: {
        hide: true,
        body: z.strictObject({
          host: z.string().max(253),
          wake: z.boolean(),
          waitMs: z.number().int().min(0).max(WAIT_AT_MOST_MS),
          refused: z.boolean().default(false).describe('the socket given before did not answer'),
        }),
      },
    },
    async (request) => {
      authorise(await context.authenticate(request), 'edge.resolve', resource)
      const asked = request.body as { host: string; wake: boolean; waitMs: number; refused: boolean }
      let instance = await instanceBy(db, asked.host)
      if (!instance || instance.host !== asked.host) throw new AppError('not_found', 'Nobody has this name.')
      if (asked.refused && instance.observed === 'awake') {
        await nudge(db, 'drift')
        await awaitChange(instance.id, Math.min(asked.waitMs, 2000))
        instance = (await instanceBy(db, instance.id))!
      }
      if (asked.wake && instance.desired === 'asleep') {
        await wishWake(db, instance.id, clock.now())
        await nudge(db, 'instances')
        instance = (await instanceBy(db, instance.id))!
      }
      const until = performance.now() + asked.waitMs
      while (stateOf(instance) === 'waking' && performance.now() < until) {
        const changed = awaitChange(instance.id, until - performance.now())
        // it may have changed between the read and the wait
        instance = (await instanceBy(db, instance.id))!
        if (stateOf(instance) !== 'waking') break
        await changed
        instance = (await instanceBy(db, instance.id))!
      }
      return answerOf(instance)
    },
  )

  app.post(
    '/internal/edge/activity',
    {
      config: { kind: 'read', action: 'edge.report' },
      schema: {
        hide: true,
        body: z.strictObject({
          items: z
            .array(
              z.strictObject({
                instance: z.string().regex(ID_PATTERN),
                lastRequestAt: z.number().int().min(0).optional(),
                lastUsedAt: z.number().int().min(0).nullable(),
                openRequests: z.number().int().min(0).max(1_000_000),
              }),
            )
            .max(1000),
        }),
      },
    },
    async (request, reply) => {
      authorise(await context.authenticate(request), 'edge.report', resource)
      const { items } = request.body as {
        items: { instance: string; lastRequestAt?: number; lastUsedAt: number | null; openRequests: number }[]
      }
      // The edge has the machine's clock; a demo's may be ahead of it.
      const aheadMs = clock.now() - realNow(clock)
      for (const { instance, lastUsedAt, openRequests, lastRequestAt } of items)
        await noteUse(db, instance, {
          lastRequestAt: (lastRequestAt ?? lastUsedAt ?? 0) + aheadMs,
          lastUsedAt: lastUsedAt === null ? null : lastUsedAt + aheadMs,
          openRequests,
        })
      return reply.code(204).send()
    },
  )
}

type EdgeState = 'awake' | 'waking' | 'suspended' | 'failed' | 'asleep'

function stateOf(instance: Instance): EdgeState {
  if (instance.desired === 'suspended' || instance.desired === 'destroyed') return 'suspended'
  if (instance.desired === 'asleep') return 'asleep'
  if (instance.observed === 'awake' && instance.socket) return 'awake'
  return instance.observed === 'failed' && instance.attempts > 2 ? 'failed' : 'waking'
}

function answerOf(instance: Instance) {
  const state = stateOf(instance)
  const base = { state, instance: instance.id }
  if (state === 'awake')
    return { ...base, socket: instance.socket, activity: instance.manifest.activity ?? null }
  if (state === 'failed') return { ...base, reason: 'This instance does not start at the moment.' }
  return base
}
