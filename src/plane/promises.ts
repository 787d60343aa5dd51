import { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { RouteContext } from '../changes/context.ts'
import { changeRoute, readRoute } from '../changes/route.ts'
import { AppError } from '../kernel/errors.ts'
import { nudge } from '../kernel/jobs.ts'
import { standingOf } from '../pledges/board.ts'
import { type PledgeInForce, pledgesInForce } from '../pledges/in-force.ts'
import { compileOverview, isDeviation } from '../pledges/overview.ts'
import { HEADINGS, type Language, type Pledge } from '../pledges/pledge.ts'
import {
  overviewInForce,
  requestProof,
  transitionsSince,
  type VerdictRow,
  verdictOf,
  verdicts,
} from '../pledges/store.ts'
import { STATES } from '../pledges/verdict.ts'
import { say, sayValue, textOf } from '../pledges/words.ts'

const HISTORY_MS = 400 * 86_400_000

const piece = z.object({ text: z.string(), parameter: z.string().optional() })
const sentence = z.object({ en: z.array(piece), sv: z.array(piece) }).meta({ id: 'Sentence' })
const words = z.object({ en: z.string(), sv: z.string() }).meta({ id: 'Words' })
const populationSchema = z
  .object({ all: z.number(), examined: z.number(), kept: z.number(), of: z.string() })
  .meta({ id: 'Population' })
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
    reason: z.string(),
    remedy: z.string().nullable(),
    population: populationSchema.nullable(),
    provedAt: z.number().nullable(),
    staleAt: z.number().nullable(),
    since: z.number().nullable(),
  })
  .meta({ id: 'Promise' })
const detailSchema = promiseSchema.extend({
  values: z.array(z.object({ name: z.string(), value: z.string(), said: words, means: words })),
  every: z.string(),
  parts: z.array(z.object({ id: z.string(), title: words })),
  findings: z.array(
    z.object({
      part: z.string(),
      state: z.enum([...STATES, 'absent']),
      reason: z.string(),
      remedy: z.string().optional(),
      population: populationSchema.optional(),
      evidence: z
        .array(z.object({ what: z.string(), seen: z.string(), isAsPromised: z.boolean().nullable() }))
        .optional(),
    }),
  ),
  history: z.array(z.object({ at: z.number(), state: z.enum(STATES), reason: z.string() })),
  controls: z.object({
    iso27001: z.array(z.string()),
    soc2: z.array(z.string()),
    csf: z.array(z.string()),
    cis: z.array(z.string()),
  }),
})

const problemSchema = z.object({
  file: z.string(),
  line: z.number(),
  at: z.string(),
  found: z.string(),
  expected: z.string(),
  remedy: z.string(),
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
      const [promises, rows] = await Promise.all([inForce(), verdicts(db)])
      const of = new Map(rows.map((row) => [row.pledge, row]))
      return { items: promises.map((one) => show(one, of.get(one.pledge.id), clock.now())) }
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
      const [row, history] = await Promise.all([
        verdictOf(db, pledge.id),
        transitionsSince(db, pledge.id, now - HISTORY_MS),
      ])
      return {
        ...show(promise, row, now),
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
        every: promise.every,
        parts: Object.entries(pledge.parts).map(([id, title]) => ({ id, title })),
        findings: (row?.findings ?? []).map((one) => ({ ...one, evidence: [...(one.evidence ?? [])] })),
        history: history.map(({ at, state, reason }) => ({ at, state, reason })),
        controls: mutable(pledge.controls),
      }
    },
  })

  context.app.post(
    '/v1/overview/check',
    {
      config: { kind: 'read', action: 'promise.list' },
      schema: {
        summary: 'Check an overview',
        operationId: 'CheckAnOverview',
        tags: ['promise'],
        security: [{ token: [] }],
        body: z.strictObject({ overview: z.string().max(512 * 1024), file: z.string().max(1024).optional() }),
        response: {
          200: z.object({
            ok: z.boolean(),
            problems: z.array(problemSchema),
            deviations: z.array(z.object({ promise: z.string(), says: words.nullable() })),
          }),
        },
      },
    },
    async (request) => {
      authorise(await context.authenticate(request), 'promise.list', { type: 'World', id: 'world' })
      const { overview, file } = request.body as { overview: string; file?: string }
      const compiled = compileOverview(overview, register, file)
      if (!compiled.ok) return { ok: false, problems: compiled.problems, deviations: [] }
      const deviations = compiled.overview.promises
        .filter(isDeviation)
        .map(({ pledge, values, says, dropped }) => {
          const sentence = (language: Language) =>
            textOf(say({ parameters: pledge.parameters, says }, values, language))
          return {
            promise: pledge.id,
            says: dropped === null ? { en: sentence('en'), sv: sentence('sv') } : null,
          }
        })
      return { ok: true, problems: [], deviations }
    },
  )

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

function show(promise: PledgeInForce, row: VerdictRow | undefined, now: number) {
  const { pledge, values, says, dropped } = promise
  const { state, ...standing } = standingOf(promise, row, now)
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
  }
}

const mutable = (controls: Pledge['controls']) => ({
  iso27001: [...controls.iso27001],
  soc2: [...controls.soc2],
  csf: [...controls.csf],
  cis: [...controls.cis],
})
