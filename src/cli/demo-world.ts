import { setTimeout as pause } from 'node:timers/promises'
import { Argument } from 'commander'
import type { ApiClient } from '../api-client/client.ts'
import { isApiProblem } from '../api-client/problem.ts'
import type { components } from '../api-client/schema.ts'
import { CliFailure, EXIT } from './failure.ts'

export type Demo = components['schemas']['Demo']
export type BreakableName = Demo['broken'][number]

/** The closed list of what can be broken on purpose. */
export const BREAKABLE = ['isolation', 'log', 'tls', 'location'] as const

const LOOK_EVERY_MS = 250
const PATIENCE_MS = 120_000

/** What is to be broken or mended. */
export function breakableArgument(): Argument {
  return new Argument('<what>', 'what is broken on purpose').choices(BREAKABLE)
}

/** The demo as it stands; refused where the world is none. */
export async function readDemo(api: ApiClient): Promise<Demo> {
  return api.get('/v1/demo').catch(explain)
}

/** A world that is no demo has none of these addresses: says so, and what to do. */
export function explain(error: unknown): never {
  if (!isApiProblem(error, 'not_found')) throw error
  throw new CliFailure(EXIT.refused, 'not_a_demo', 'This world is not a demo: nothing can be broken in it.', {
    remedy: 'Start one beside it with `borgen up --demo --data DIR`, and name it with --data DIR.',
    cause: error,
  })
}

/** Stays until the saboteur has done what was asked; throws what went wrong with it. */
export async function awaitSabotage(api: ApiClient, what: BreakableName): Promise<Demo> {
  const began = performance.now()
  for (;;) {
    const demo = await readDemo(api)
    const failed = demo.failed.find((one) => one.what === what)
    if (failed) throw new CliFailure(EXIT.unknown, 'unavailable', `It could not be done: ${failed.problem}`)
    if (!demo.doing.some((one) => one.what === what)) return demo
    if (performance.now() - began > PATIENCE_MS)
      throw new CliFailure(EXIT.unknown, 'unavailable', 'It takes longer than two minutes.', {
        remedy: 'See `borgen demo status`, and logs/saboteur.log in the data folder.',
      })
    await pause(LOOK_EVERY_MS)
  }
}
