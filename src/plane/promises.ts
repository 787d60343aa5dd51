import { z } from 'zod'
import type { RouteContext } from '../changes/context.ts'
import { changeRoute, readRoute } from '../changes/route.ts'
import { AppError } from '../kernel/errors.ts'
import { nudge } from '../kernel/jobs.ts'
import { standingOf } from '../pledges/board.ts'
import { daysOf, firstDay } from '../pledges/days.ts'
import { type PledgeInForce, pledgesInForce } from '../pledges/in-force.ts'
import { HEADINGS, type Language, type Pledge } from '../pledges/pledge.ts'
import {
  allTransitionsSince,
  overviewInForce,
  publicLines,
  requestProof,
  transitionsSince,
  type VerdictRow,
  verdictOf,
  verdicts,
} from '../pledges/store.ts'
import { STATES } from '../pledges/verdict.ts'
import { say, sayValue } from '../pledges/words.ts'
import { peopleAndApprovers } from './approvals/approvers.ts'
import { showLine } from './overview/show.ts'
import { changeSchema, who, words } from './shapes.ts'

const DAYS_ON_THE_BOARD = 30
const DAYS_OF_A_PROMISE = 400
const LINES_AT_MOST = 200

const piece = z.object({ text: z.string(), parameter: z.string().optional() })
const sentence = z.object({ en: z.array(piece), sv: z.array(piece) }).meta({ id: 'Sentence' })
const populationSchema = z
  .object({ all: z.number(), examined: z.number(), kept: z.number(), of: words })
  .meta({ id: 'Population' })
const daySchema = z.object({ date: z.iso.date(), state: z.enum([...STATES, 'none']) }).meta({ id: 'Day' })
const promiseSchema = z
  .object({
    id: z.string(),
    number: z.number().describe('its place in the wall, from 1'),
    heading: z.enum(HEADINGS),
    kind: z.enum(['enforced', 'watched', 'attested']),
    title: words,
    says: sentence,
    dropped: z.string().nullable(),
    verdict: z.enum(STATES),
    reason: words,
    remedy: words.nullable(),
    population: populationSchema.nullable(),
    provedAt: z.number().nullable(),
    staleAt: z.number().nullable(),
    since: z.number().nullable(),
    every: z.string().describe('how often it is proved, as an ISO 8601 duration'),
    freshnessMs: z.number().describe('how old evidence may be'),
    days: z.array(daySchema).describe('its last days (UTC), oldest first, each as bad as its worst moment'),
  })
  .meta({ id: 'Promise' })
const detailSchema = promiseSchema.extend({
  values: z.array(z.object({ name: z.string(), value: z.string(), said: words, means: words })),
  parts: z.array(z.object({ id: z.string(), title: words })),
  findings: z.array(
    z.object({
      part: z.string(),
      state: z.enum([...STATES, 'absent']),
      reason: words,
      remedy: words.optional(),
      population: populationSchema.optional(),
      evidence: z
        .array(
          z.object({ what: z.union([z.string(), words]), seen: words, isAsPromised: z.boolean().nullable() }),
        )
        .optional(),
    }),
  ),
  history: z.array(z.object({ at: z.number(), state: z.enum(STATES), reason: words })),
  changes: z
    .array(
      changeSchema
        .omit({ sentence: true, promise: true })
        .extend({ at: z.number(), line: words, approval: z.string(), by: who }),
    )
    .describe('what of it was changed, newest first: the public dated lines'),
  controls: z.object({
    iso27001: z.array(z.string()),
    soc2: z.array(z.string()),
    csf: z.array(z.string()),
    cis: z.array(z.string()),
  }),
})

export function promiseRoutes(context: RouteContext, register: readonly Pledge[]): void {
  const { db, clock } = context.changes
  const inForce = async () => pledgesInForce(register, await overviewInForce(db))
  const find = async (id: string): Promise<PledgeInForce> => {
    const found = (await inForce()).find((one) => one.pledge.id === id)
    if (!found)
      throw new AppError('not_found', 'There is no such promise.', { remedy: 'See `borgen promise list`.' })
    return found
  }

  readRoute(context, {
    url: '/v1/promises',
    action: 'promise.list',
    summary: 'List promises with their verdicts',
    shapes: { reply: z.object({ items: z.array(promiseSchema) }) },
    handle: async () => {
      const now = clock.now()
      const from = firstDay(now, DAYS_ON_THE_BOARD)
      const [promises, rows, transitions] = await Promise.all([
        inForce(),
        verdicts(db),
        allTransitionsSince(db, from),
      ])
      const of = new Map(rows.map((row) => [row.pledge, row]))
      const went = Map.groupBy(transitions, (one) => one.pledge)
      return {
        items: promises.map((one) => {
          const id = one.pledge.id
          return show(one, of.get(id), went.get(id) ?? [], { now, count: DAYS_ON_THE_BOARD })
        }),
      }
    },
  })

  readRoute(context, {
    url: '/v1/promises/:promise',
    action: 'promise.read',
    summary: 'Show a promise with its evidence',
    resource: ({ params }) => ({ type: 'Promise', id: params.promise }),
    shapes: { params: z.object({ promise: z.string().max(64) }), reply: detailSchema },
    handle: async ({ params }) => {
      const promise = await find(params.promise)
      const { pledge, values } = promise
      const now = clock.now()
      const [row, history, lines, { people }] = await Promise.all([
        verdictOf(db, pledge.id),
        transitionsSince(db, pledge.id, firstDay(now, DAYS_OF_A_PROMISE)),
        publicLines(db, { pledge: pledge.id, limit: LINES_AT_MOST }),
        peopleAndApprovers(db),
      ])
      return {
        ...show(promise, row, history, { now, count: DAYS_OF_A_PROMISE }),
        values: Object.entries(pledge.parameters).map(([name, parameter]) => {
          const value = values[name] ?? parameter.default
          const said = (language: Language) => sayValue(parameter, value, language)
          return {
            name,
            value: String(value),
            said: { en: said('en'), sv: said('sv') },
            means: parameter.says,
          }
        }),
        parts: Object.entries(pledge.parts).map(([id, title]) => ({ id, title })),
        findings: (row?.findings ?? []).map((one) => ({ ...one, evidence: [...(one.evidence ?? [])] })),
        history: history.map(({ at, state, reason }) => ({ at, state, reason })),
        changes: await Promise.all(lines.map((line) => showLine(db, people, line))),
        controls: mutable(pledge.controls),
      }
    },
  })

  changeRoute(context, {
    method: 'POST',
    url: '/v1/promises/:promise/prove',
    action: 'promise.prove',
    summary: 'Prove a promise now',
    status: 202,
    shapes: { params: z.object({ promise: z.string().max(64) }), reply: z.object({ askedAt: z.number() }) },
    prepare: async ({ params }) => {
      const { pledge, dropped } = await find(params.promise)
      if (dropped !== null)
        throw new AppError('conflict', 'This promise is not made.', {
          remedy: 'The overview in force drops it; nothing is left to prove.',
        })
      return {
        resource: { type: 'Promise', id: pledge.id },
        subject: 'plane',
        region: 'plane',
        effect: async (tx, { now }) => {
          await requestProof(tx, pledge.id, now)
          await nudge(tx, 'proofs')
          return {
            status: 202,
            body: { askedAt: now },
            type: 'promise.proof-asked',
            event: { promise: pledge.id },
          }
        },
      }
    },
  })
}

function show(
  promise: PledgeInForce,
  row: VerdictRow | undefined,
  transitions: readonly { at: number; state: VerdictRow['state'] }[],
  { now, count }: { now: number; count: number },
) {
  const { pledge, values, says, dropped } = promise
  const stands = standingOf(promise, row, now)
  const { state, ...standing } = stands
  const sentenceIn = (language: Language) => say({ parameters: pledge.parameters, says }, values, language)
  const { id, number, heading, kind, title } = pledge
  return {
    id,
    number,
    heading,
    kind,
    title,
    says: { en: sentenceIn('en'), sv: sentenceIn('sv') },
    dropped,
    verdict: state,
    ...standing,
    every: promise.every,
    freshnessMs: promise.freshnessMs,
    days: daysOf(transitions, stands, { nowMs: now, count }),
  }
}

const mutable = (controls: Pledge['controls']) => ({
  iso27001: [...controls.iso27001],
  soc2: [...controls.soc2],
  csf: [...controls.csf],
  cis: [...controls.cis],
})
