import { Temporal } from 'temporal-polyfill'
import { z } from 'zod'
import { actorRef } from '../access/actor.ts'
import type { RouteContext } from '../changes/context.ts'
import { changeRoute, readRoute } from '../changes/route.ts'
import { announce } from '../kernel/announce.ts'
import { isoOf, realNow } from '../kernel/clock.ts'
import { AppError, isAppError } from '../kernel/errors.ts'
import { type Due, nudge } from '../kernel/jobs.ts'
import { isDuration } from '../pledges/units.ts'
import { BREAKABLE_NAMES, BREAKABLES } from './breakable.ts'
import type { SaboteurClient } from './saboteur-client.ts'
import type { SaboteurState } from './saboteur-server.ts'
import { insertAdvance, lastAdvance } from './store.ts'

const FURTHEST_MS = 10 * 366 * 86_400_000

const words = z.object({ en: z.string(), sv: z.string() })
const name = z.enum(BREAKABLE_NAMES)
const work = z.object({ what: name, word: z.enum(['break', 'mend']) })
const demoSchema = z
  .object({
    offsetMs: z.number().describe('how far the demo’s clock is ahead of the machine’s'),
    now: z.number(),
    realNow: z.number(),
    broken: z.array(name),
    breakable: z.array(z.object({ what: name, promise: z.string(), title: words, does: words })),
    doing: z.array(work),
    failed: z.array(work.extend({ problem: z.string() })),
    problem: z.string().nullable().describe('why it is not known what is broken'),
    next: z.object({ at: z.number(), what: z.string() }).nullable().describe('what falls due next'),
    advance: z
      .object({
        from: z.number(),
        to: z.number(),
        askedAt: z.number(),
        endedAt: z.number().nullable(),
        steps: z.number(),
        item: z.string().nullable(),
        problem: z.string().nullable(),
      })
      .nullable()
      .describe('the last time that the clock was advanced; under way where it has no end'),
  })
  .meta({ id: 'Demo' })

/** What a demo world has and no other: whoever sabotages it, and what falls due next. */
export type DemoParts = { saboteur: SaboteurClient; nextDue(now: number): Promise<Due | undefined> }

const UNKNOWN: SaboteurState = { can: [], broken: [], doing: [], failed: [] }

/** Breaking, mending and the clock. Added in demo worlds alone: elsewhere there are no such addresses. */
export function demoRoutes(context: RouteContext, { saboteur, nextDue }: DemoParts): void {
  const { db, clock } = context.changes

  readRoute(context, {
    url: '/v1/demo',
    action: 'demo.read',
    summary: 'Show the demo',
    shapes: { reply: demoSchema },
    handle: async () => {
      const [now, real] = [clock.now(), realNow(clock)]
      let problem: string | null = null
      const [state, next, last] = await Promise.all([
        saboteur.state().catch((error: unknown) => {
          problem = isAppError(error) ? error.message : 'The saboteur does not answer.'
          return UNKNOWN
        }),
        nextDue(now),
        lastAdvance(db),
      ])
      const { broken, doing, failed, can } = state
      return {
        offsetMs: now - real,
        now,
        realNow: real,
        broken,
        doing,
        failed,
        problem,
        breakable: BREAKABLES.filter(({ what }) => problem !== null || can.includes(what)).map((one) => ({
          ...one,
        })),
        next: next ?? null,
        advance: last
          ? {
              from: last.asked_at + last.from_offset_ms,
              to: last.asked_at + last.to_offset_ms,
              askedAt: last.asked_at,
              endedAt: last.ended_at,
              steps: last.steps,
              item: last.item,
              problem: last.problem,
            }
          : null,
      }
    },
  })

  for (const word of ['break', 'mend'] as const)
    changeRoute(context, {
      method: 'POST',
      url: `/v1/demo/${word}/:what`,
      action: `demo.${word}`,
      summary: word === 'break' ? 'Break the demo on purpose' : 'Mend the demo',
      status: 202,
      shapes: {
        params: z.object({ what: name }),
        reply: z.object({ what: name, state: z.enum(['done', 'doing']) }),
      },
      prepare: async ({ params: { what } }) => ({
        resource: { type: 'Demo', id: what },
        subject: 'plane',
        region: 'plane',
        effect: async (tx) => {
          const { state } = await saboteur.tell(word, what)
          await announce(tx, { what: 'demo' })
          const type = word === 'break' ? 'demo.broken' : 'demo.mended'
          return { status: 202, body: { what, state }, type, event: { what, state } }
        },
      }),
    })

  changeRoute(context, {
    method: 'POST',
    url: '/v1/demo/advance',
    action: 'demo.advance',
    summary: 'Advance the demo clock',
    status: 202,
    shapes: {
      body: z.strictObject({ by: z.string().max(40).describe('an ISO 8601 duration, such as P90D') }),
      reply: z.object({ from: z.number(), to: z.number() }),
    },
    prepare: async ({ body }, actor) => {
      const from = clock.now()
      const to = isDuration(body.by) ? later(from, body.by) : undefined
      if (to === undefined || to - realNow(clock) > FURTHEST_MS)
        throw new AppError('bad_request', `The clock cannot be advanced by ${JSON.stringify(body.by)}.`, {
          remedy: 'Give an ISO 8601 duration such as PT8H or P90D, not further than ten years from now.',
        })
      return {
        resource: { type: 'Demo', id: 'clock' },
        subject: 'plane',
        region: 'plane',
        intent: { by: body.by, from: isoOf(from), to: isoOf(to) },
        effect: async (tx, { id }) => {
          const asked = realNow(clock)
          const isFirst = await insertAdvance(tx, {
            id,
            from_offset_ms: clock.now() - asked,
            to_offset_ms: clock.now() - asked + (to - from),
            asked_at: asked,
            asked_by: actorRef(actor),
          })
          if (!isFirst)
            throw new AppError('conflict', 'The clock is being advanced already.', {
              remedy: 'Wait until `borgen demo status` shows it done.',
            })
          await nudge(tx, 'demo-clock')
          await announce(tx, { what: 'demo' })
          return {
            status: 202,
            body: { from, to },
            type: 'demo.clock-advance-asked',
            event: { by: body.by, to: isoOf(to) },
          }
        },
      }
    },
  })
}

function later(fromMs: number, by: string): number | undefined {
  try {
    const from = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO('UTC')
    return from.add(Temporal.Duration.from(by)).epochMilliseconds
  } catch {
    return undefined
  }
}
