import type { Job } from '../../../kernel/jobs.ts'
import { type IsolationEyes, lookAround } from './look.ts'
import { probedAt } from './store.ts'

const TICK_MS = 10_000
/** A round is to be through somewhat before the next proof asks for it. */
const ROUND_SHARE = 0.8

/**
 * Spreads the looks into a large fleet over the time between two proofs, a few at a time; where something changed, or
 * there are other instances than before, the proofs about every instance are asked for at once.
 */
export function isolationRounds(
  eyes: IsolationEyes,
  everyMs: () => Promise<number>,
  askForProof: () => Promise<unknown>,
): Job {
  let before: ReadonlySet<string> | undefined
  return {
    name: 'isolation-rounds',
    everyMs: TICK_MS,
    async run() {
      const roundMs = (await everyMs()) * ROUND_SHARE
      const size = (await eyes.population()).length
      const most = Math.ceil((size * TICK_MS) / roundMs)
      const changed = await lookAround(eyes, { olderThanMs: roundMs, most, budgetMs: TICK_MS * 0.8 })
      // By whomever one was found: a proof that looked itself tells nobody.
      const looked = new Set((await probedAt(eyes.db)).keys())
      const isOther = before !== undefined && !isSame(before, looked)
      if (changed.length > 0 || isOther) await askForProof()
      before = looked
      return { looked: most, changed: changed.length }
    },
  }
}

const isSame = (some: ReadonlySet<string>, others: ReadonlySet<string>) =>
  some.size === others.size && [...some].every((one) => others.has(one))
