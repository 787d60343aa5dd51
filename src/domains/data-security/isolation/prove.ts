import type { Asked, Proof } from '../../../pledges/runner.ts'
import type { Evidence, Finding } from '../../../pledges/verdict.ts'
import type { Shown } from './judge.ts'
import { type IsolationEyes, lookAround } from './look.ts'
import { singleTenant } from './pledges.ts'
import { type ProbeRow, type ProbeSummary, probeSummaries, probesOf } from './store.ts'

const HOUR_MS = 3_600_000
const BUDGET_MS = 25_000
const MOST_IN_A_PROOF = 200
const NAMED_AT_MOST = 12
const SAMPLE = 3

type Part = 'own' | 'application' | 'database'
const fromOf = { own: 'outside', application: 'application', database: 'database' } as const

/**
 * Attacks from inside every instance. Each proof looks at as many as there is time for, the longest unseen first; in a large
 * fleet the rounds between two proofs have seen to the others. A look older than evidence may be is none.
 */
export function proveSingleTenant(eyes: IsolationEyes): Proof {
  return {
    pledge: singleTenant.id,
    async prove({ nowMs, everyMs = HOUR_MS, freshnessMs = 2 * everyMs, signal }: Asked) {
      await lookAround(eyes, {
        olderThanMs: everyMs / 2,
        most: MOST_IN_A_PROOF,
        budgetMs: Math.min(BUDGET_MS, everyMs),
        signal,
      })
      const population = await eyes.population()
      const after = Math.max(nowMs, eyes.clock.now())
      const summaries = await probeSummaries(eyes.db)
      const fresh = freshOnes(summaries, population, after, freshnessMs)
      const bad = fresh.filter(({ state }) => state !== 'kept').map(({ instance }) => instance)
      const sample = fresh.filter(({ state }) => state === 'kept').map(({ instance }) => instance)
      const rows = await probesOf(eyes.db, [...bad.slice(0, NAMED_AT_MOST), ...sample.slice(0, SAMPLE)])
      return judgeFleet(population, fresh, rows)
    },
  }
}

function freshOnes(
  summaries: readonly ProbeSummary[],
  population: readonly string[],
  nowMs: number,
  freshnessMs: number,
): ProbeSummary[] {
  const present = new Set(population)
  return summaries.filter(
    (one) => present.has(one.instance) && one.probed_at <= nowMs && nowMs - one.probed_at <= freshnessMs,
  )
}

/** What fresh looks into instances say of all of them; `rows` are those that are shown as evidence. */
export function judgeFleet(
  population: readonly string[],
  fresh: readonly ProbeSummary[],
  rows: readonly ProbeRow[],
): Finding[] {
  if (population.length === 0)
    return (Object.keys(fromOf) as Part[]).map((part) => ({
      ...{ part, state: 'unexercised', reason: part === 'own' ? 'There is no instance yet.' : '' },
    }))
  const sharing = withSharedUser(fresh)
  return (Object.keys(fromOf) as Part[]).map((part) => {
    const stateOf = (one: ProbeSummary) =>
      part === 'own' ? (sharing.has(one.instance) ? 'broken' : one.outside) : one[part]
    // An instance without a database has none to attack from.
    const exempt = new Set(fresh.filter((one) => stateOf(one) === null).map(({ instance }) => instance))
    const all = population.length - exempt.size
    const of = (state: string) => fresh.filter((one) => stateOf(one) === state)
    const [kept, broken, unknown] = [of('kept'), of('broken'), of('unknown')]
    if (all === 0) return { part, state: 'absent', reason: 'No instance has a database.' }
    const population_ = {
      ...{ all, examined: kept.length + broken.length, kept: kept.length, of: 'instances' },
    }
    const evidence = evidenceOf(part, rows)
    const common = { part, population: population_, evidence }
    if (broken.length > 0)
      return {
        ...common,
        state: 'broken' as const,
        reason: `${names(broken)}: ${firstWords(part, rows, broken, sharing)}`,
        remedy:
          'Suspend the instances named until it is mended; the evidence says what was reached and from where.',
      }
    if (unknown.length > 0)
      return {
        ...common,
        state: 'unknown' as const,
        reason: `${names(unknown)}: ${firstWords(part, rows, unknown, sharing)}`,
        remedy: 'The evidence names each try that showed nothing, and why its control did not either.',
      }
    const unseen = all - kept.length
    if (unseen > 0)
      return {
        ...common,
        state: 'unknown' as const,
        reason: `${unseen} of ${all} instances were not looked into from inside lately.`,
        remedy: 'See the log of the prover and of the warden (`borgen status`).',
      }
    return { ...common, state: 'kept' as const, reason: KEPT[part](kept) }
  })
}

const total = (some: readonly ProbeSummary[]) => some.reduce((sum, one) => sum + one.tried, 0)
const KEPT: Record<Part, (kept: readonly ProbeSummary[]) => string> = {
  own: (kept) => `Each of ${kept.length} instances has a user, folders and namespaces of its own.`,
  application: (kept) =>
    `Attacks from inside its application reached nothing of another's (${total(kept)} tries in ${kept.length} instances, each with a control that found what was planted).`,
  database: () => 'Attacks from inside its database did not either.',
}

/** Whose user on the machine is another's too. */
function withSharedUser(fresh: readonly ProbeSummary[]): Set<string> {
  const byUid = Map.groupBy(
    fresh.filter(({ uid }) => uid !== null),
    ({ uid }) => uid,
  )
  return new Set(
    [...byUid.values()].filter((some) => some.length > 1).flatMap((some) => some.map((one) => one.instance)),
  )
}

function names(some: readonly ProbeSummary[]): string {
  const shown = some.slice(0, 3).map(({ instance }) => instance)
  return `${shown.join(', ')}${some.length > shown.length ? ` and ${some.length - shown.length} more` : ''}`
}

function firstWords(
  part: Part,
  rows: readonly ProbeRow[],
  some: readonly ProbeSummary[],
  sharing: ReadonlySet<string>,
): string {
  const row = rows.find((one) => some.some(({ instance }) => instance === one.instance))
  const notable = row?.tries[fromOf[part]].notable[0]
  if (notable) return notable.endsWith('.') ? notable : `${notable}.`
  return part === 'own' && row && sharing.has(row.instance)
    ? 'has the user of another instance.'
    : 'the evidence says more.'
}

function evidenceOf(part: Part, rows: readonly ProbeRow[]): Evidence[] {
  return rows.map((row) => {
    const shown = row.tries[fromOf[part]]
    return {
      what: `${row.instance}, ${row.was}`,
      seen: [seenOf(shown), ...shown.notable].join(' · ').slice(0, 1500),
      isAsPromised: shown.state === 'unknown' ? null : shown.state === 'kept',
    }
  })
}

function seenOf({ tried, held, lacking }: Shown): string {
  const without = lacking.length > 0 ? `; not on this kernel: ${lacking.join(', ')}` : ''
  return `${held} of ${tried} tries were held while their controls got through${without}`
}
