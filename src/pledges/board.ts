import { isoOf } from '../kernel/clock.ts'
import type { PledgeInForce } from './in-force.ts'
import type { Words } from './pledge.ts'
import { sentence } from './sentence.ts'
import type { VerdictRow } from './store.ts'
import { isStale, NO_PROOF, type Population, type State } from './verdict.ts'

/** What stands on the board for one promise now. */
export type Standing = {
  state: State
  reason: Words
  remedy: Words | null
  population: Population | null
  provedAt: number | null
  /** When the evidence grows too old to say anything. */
  staleAt: number | null
  since: number | null
}

/** The verdict as it stands now: what was never looked at, or too long ago, is unknown. */
export function standingOf(promise: PledgeInForce, row: VerdictRow | undefined, now: number): Standing {
  if (!row)
    return {
      state: 'unknown',
      reason: NO_PROOF,
      remedy: null,
      population: null,
      provedAt: null,
      staleAt: null,
      since: null,
    }
  const { reason, remedy, population, state, since } = row
  const staleAt = row.proved_at + promise.freshnessMs
  const common = { population, provedAt: row.proved_at, staleAt }
  if (!isStale(row.proved_at, promise.freshnessMs, now)) return { ...common, state, reason, remedy, since }
  return {
    ...common,
    state: 'unknown',
    reason: sentence(TOO_OLD, { at: isoOf(row.proved_at) }),
    remedy: SEE_THE_PROVER,
    since: Math.min(staleAt, now),
  }
}

const TOO_OLD = {
  en: 'The last evidence is of {at}, which is too long ago.',
  sv: 'Det senaste belägget är från {at}, vilket är för länge sedan.',
} as const
const SEE_THE_PROVER: Words = {
  en: 'See whether the prover runs: `borgen status`.',
  sv: 'Se efter om prövaren (prover) kör: `borgen status`.',
}

/** One day of a promise's history: the worst that it was on that day. */
export type Day = { date: string; state: State | 'none' }
