import { setTimeout as delay } from 'node:timers/promises'
import type { InstanceProber } from '../../../drivers/instances/contract/instance-prober.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Db } from '../../../kernel/db.ts'
import { isAppError } from '../../../kernel/errors.ts'
import { judgeTries } from './judge.ts'
import { forgetProbes, probedAt, saveProbe } from './store.ts'

/** What the proof looks with. */
export type IsolationEyes = {
  db: Db
  clock: Clock
  prober: InstanceProber
  /** Every instance that there is: in the register, or on a machine without standing there. */
  population(): Promise<readonly string[]>
}

const AT_ONCE = 2
const MISSED_AGAIN = 3
const MISSED_AFTER_MS = 1500

/**
 * Looks into instances from inside, those first whose last look is longest ago, until `most` were looked at, all looks are
 * younger than `olderThanMs`, or the time is over. An instance that could not be looked at keeps what was found of it
 * before. Resolves with those whose state changed.
 */
export async function lookAround(
  eyes: IsolationEyes,
  wanted: { olderThanMs: number; most: number; budgetMs: number; signal?: AbortSignal },
): Promise<string[]> {
  const { db, clock } = eyes
  const [population, looked] = await Promise.all([eyes.population(), probedAt(db)])
  const present = new Set(population)
  await forgetProbes(
    db,
    [...looked.keys()].filter((one) => !present.has(one)),
  )
  const before = clock.now() - wanted.olderThanMs
  const at = (instance: string) => looked.get(instance) ?? Number.NEGATIVE_INFINITY
  // What was looked at in a future that a clock has left is looked at again.
  const due = population
    .filter((one) => at(one) <= before || at(one) > clock.now())
    .sort((a, b) => at(a) - at(b))
    .slice(0, wanted.most)
    .reverse()
  const deadline = performance.now() + wanted.budgetMs
  const isOver = () => performance.now() > deadline || wanted.signal?.aborted === true
  const changed: string[] = []
  const missed: string[] = []
  const lane = async (some: string[]) => {
    for (let one = some.pop(); one !== undefined && !isOver(); one = some.pop()) {
      const found = await lookInto(eyes, one)
      if (found === 'changed') changed.push(one)
      // In the middle of a start, perhaps its first: in a moment there is something to see.
      if (found === 'nothing') missed.push(one)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, () => lane(due)))
  for (let again = 0; again < MISSED_AGAIN && missed.length > 0 && !isOver(); again++) {
    await delay(MISSED_AFTER_MS)
    await lane(missed.splice(0))
  }
  return changed
}

/** Whether what was found of it differs from before; `nothing` where nothing could be said this time. */
async function lookInto(
  { db, clock, prober }: IsolationEyes,
  instance: string,
): Promise<'changed' | 'same' | 'nothing'> {
  const begun = performance.now()
  const probed = await prober.probe(instance).catch((error: unknown) => {
    if (isAppError(error)) return undefined
    throw error
  })
  if (!probed) return 'nothing'
  const { state, shown } = judgeTries(probed)
  const { was, uid } = probed
  const took_ms = Math.round(performance.now() - begun)
  const row = { instance, state, was, uid, tries: shown, probed_at: clock.now(), took_ms }
  return (await saveProbe(db, row)) ? 'changed' : 'same'
}
