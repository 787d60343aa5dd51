import { createHash, timingSafeEqual } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError, isAppError } from '../kernel/errors.ts'
import { createHttpServer } from '../kernel/http.ts'
import type { Logger } from '../kernel/log.ts'
import { BREAKABLE_NAMES, type BreakableName } from './breakable.ts'
import type { Sabotage, SabotagedWorld } from './sabotage/sabotage.ts'

/** Longer work goes on, and is seen in the state. */
const ANSWER_WITHIN_MS = 5_000

const words = z.object({ word: z.enum(['break', 'mend']), what: z.enum(BREAKABLE_NAMES) })
type Word = z.infer<typeof words>['word']

/** What the saboteur says of itself. */
export const saboteurStateSchema = z.object({
  can: z.array(z.enum(BREAKABLE_NAMES)),
  broken: z.array(z.enum(BREAKABLE_NAMES)),
  doing: z.array(z.object({ what: z.enum(BREAKABLE_NAMES), word: z.enum(['break', 'mend']) })),
  failed: z.array(
    z.object({ what: z.enum(BREAKABLE_NAMES), word: z.enum(['break', 'mend']), problem: z.string() }),
  ),
})
export type SaboteurState = z.infer<typeof saboteurStateSchema>

/**
 * The saboteur's three words over HTTP: `GET /state`, `POST /break/<what>`, `POST /mend/<what>`. Who knows the token may say
 * them; whatever is not in its closed list is refused. One thing at a time is done to one target.
 */
export function createSaboteur(given: {
  world: SabotagedWorld
  sabotages: readonly Sabotage[]
  tokenSha256: string
  logger: Logger
}): { app: FastifyInstance; idle(): Promise<void> } {
  const { world, sabotages, logger } = given
  const expected = Buffer.from(given.tokenSha256, 'hex')
  const doing = new Map<BreakableName, { word: Word; done: Promise<void> }>()
  const failed = new Map<BreakableName, { word: Word; problem: string }>()

  const carryOut = async (sabotage: Sabotage, word: Word) => {
    const { what } = sabotage
    failed.delete(what)
    try {
      await sabotage[word](world)
      logger.info('done', { word, what })
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      failed.set(what, { word, problem: problem.slice(0, 500) })
      logger.error('failed', { word, what, error })
      throw error
    } finally {
      doing.delete(what)
    }
  }

  const app = createHttpServer({ logger })
  app.addHook('onRequest', async (request) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (!timingSafeEqual(createHash('sha256').update(token).digest(), expected))
      throw new AppError('unauthenticated', 'The saboteur does not know you.')
  })
  app.get('/state', async (): Promise<SaboteurState> => {
    const found = await Promise.all(
      sabotages.map(async (one) => ((await one.broken(world)) ? [one.what] : [])),
    )
    return {
      can: sabotages.map(({ what }) => what),
      broken: found.flat(),
      doing: [...doing].map(([what, { word }]) => ({ what, word })),
      failed: [...failed].map(([what, one]) => ({ what, ...one })),
    }
  })
  app.post('/:word/:what', { schema: { params: words } }, async (request) => {
    const { word, what } = request.params as z.infer<typeof words>
    const sabotage = sabotages.find((one) => one.what === what)
    if (!sabotage) throw new AppError('not_found', `Nothing here breaks ${what}.`)
    if (doing.has(what))
      throw new AppError('conflict', `Something is being done to ${what} already.`, {
        remedy: 'Wait until `borgen demo status` shows it done.',
      })
    const done = carryOut(sabotage, word)
    doing.set(what, { word, done })
    const timer = new AbortController()
    try {
      const isDone = await Promise.race([
        done.then(() => true),
        delay(ANSWER_WITHIN_MS, false, { signal: timer.signal, ref: false }),
      ])
      if (!isDone) done.catch(() => {})
      return { state: isDone ? ('done' as const) : ('doing' as const) }
    } catch (cause) {
      if (isAppError(cause)) throw cause
      const because = cause instanceof Error ? cause.message : String(cause)
      throw new AppError('unavailable', `It could not be done: ${because.slice(0, 500)}`, {
        remedy: 'See logs/saboteur.log in the data folder.',
        cause,
      })
    } finally {
      timer.abort()
    }
  })
  return {
    app,
    async idle() {
      await Promise.allSettled([...doing.values()].map(({ done }) => done))
    },
  }
}
