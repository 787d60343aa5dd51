import type { Words } from '../../../pledges/pledge.ts'
import type { Asked, Proof } from '../../../pledges/runner.ts'
import {
  counted,
  cut,
  joined,
  listed,
  NOTHING,
  type Noun,
  named,
  sentence,
  share,
} from '../../../pledges/sentence.ts'
import type { Evidence, Finding } from '../../../pledges/verdict.ts'
import type { Shown } from './judge.ts'
import { type IsolationEyes, lookAround } from './look.ts'
import { attackInWords } from './names.ts'
import { singleTenant } from './pledges.ts'
import { type ProbeRow, type ProbeSummary, probeSummaries, probesOf } from './store.ts'

const HOUR_MS = 3_600_000
const BUDGET_MS = 25_000
const MOST_IN_A_PROOF = 200
const NAMED_AT_MOST = 12
const SAMPLE = 3

const INSTANCES: Noun = { en: ['instance', 'instances'], sv: ['instans', 'instanser'] }
const TRIES: Noun = { en: ['try', 'tries'], sv: ['försök', 'försök'] }
const ASLEEP = { en: '{instance}, asleep', sv: '{instance}, sovande' } as const
const AWAKE = { en: '{instance}, awake', sv: '{instance}, vaken' } as const
const NO_INSTANCE: Words = { en: 'There is no instance yet.', sv: 'Det finns ingen instans än.' }
const NO_DATABASE: Words = { en: 'No instance has a database.', sv: 'Ingen instans har någon databas.' }
const SUSPEND: Words = {
  en: 'Suspend the instances named until it is mended; the evidence says what was reached and from where.',
  sv: 'Stäng av de nämnda instanserna tills det är lagat; beläggen visar vad som nåddes och varifrån.',
}
const SEE_EVIDENCE: Words = {
  en: 'The evidence names each try that showed nothing, and why its control did not either.',
  sv: 'Beläggen nämner varje försök som inget visade, och varför dess kontroll inte heller gjorde det.',
}
const SEE_LOG: Words = {
  en: 'See the log of the prover and of the warden (`borgen status`).',
  sv: 'Se prövarens (prover) och väktarens (warden) loggar (`borgen status`).',
}

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
      ...{ part, state: 'unexercised', reason: part === 'own' ? NO_INSTANCE : NOTHING },
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
    if (all === 0) return { part, state: 'absent', reason: NO_DATABASE }
    const population_ = {
      ...{ all, examined: kept.length + broken.length, kept: kept.length },
      of: named(all, INSTANCES),
    }
    const evidence = evidenceOf(part, rows)
    const common = { part, population: population_, evidence }
    if (broken.length > 0)
      return {
        ...common,
        state: 'broken' as const,
        reason: about(broken, firstWords(part, rows, broken, sharing)),
        remedy: SUSPEND,
      }
    if (unknown.length > 0)
      return {
        ...common,
        state: 'unknown' as const,
        reason: about(unknown, firstWords(part, rows, unknown, sharing)),
        remedy: SEE_EVIDENCE,
      }
    const unseen = all - kept.length
    if (unseen > 0)
      return {
        ...common,
        state: 'unknown' as const,
        reason: sentence(
          {
            en: 'Not looked into from inside lately: {unseen}.',
            sv: 'Inte granskade inifrån på sistone: {unseen}.',
          },
          { unseen: share(unseen, all, INSTANCES) },
        ),
        remedy: SEE_LOG,
      }
    return { ...common, state: 'kept' as const, reason: KEPT[part](kept) }
  })
}

const total = (some: readonly ProbeSummary[]) => some.reduce((sum, one) => sum + one.tried, 0)
const KEPT: Record<Part, (kept: readonly ProbeSummary[]) => Words> = {
  own: (kept) =>
    sentence(
      {
        en: 'With a user, folders and namespaces of its own: {all}.',
        sv: 'Med egen användare, egna mappar och egna namnrymder: {all}.',
      },
      { all: counted(kept.length, INSTANCES) },
    ),
  application: (kept) =>
    sentence(
      {
        en: 'Attacks from inside its application reached nothing of another’s ({tries} in {all}, each with a control that found what was planted).',
        sv: 'Angrepp inifrån applikationen nådde inget av andras ({tries} i {all}, vart och ett med en kontroll som fann det planterade).',
      },
      { tries: counted(total(kept), TRIES), all: counted(kept.length, INSTANCES) },
    ),
  database: () => ({
    en: 'Attacks from inside its database did not either.',
    sv: 'Angrepp inifrån databasen gjorde det inte heller.',
  }),
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

const about = (some: readonly ProbeSummary[], why: Words): Words =>
  joined(
    [
      listed(
        some.map(({ instance }) => instance),
        3,
      ),
      why,
    ],
    ': ',
  )

function firstWords(
  part: Part,
  rows: readonly ProbeRow[],
  some: readonly ProbeSummary[],
  sharing: ReadonlySet<string>,
): Words {
  const row = rows.find((one) => some.some(({ instance }) => instance === one.instance))
  const notable = row?.tries[fromOf[part]].notable[0]
  if (notable) return notable.en.endsWith('.') ? notable : joined([notable, '.'], '')
  return part === 'own' && row && sharing.has(row.instance)
    ? { en: 'has the user of another instance.', sv: 'har samma användare som en annan instans.' }
    : { en: 'the evidence says more.', sv: 'beläggen säger mer.' }
}

function evidenceOf(part: Part, rows: readonly ProbeRow[]): Evidence[] {
  return rows.map((row) => {
    const shown = row.tries[fromOf[part]]
    return {
      what: sentence(row.was === 'asleep' ? ASLEEP : AWAKE, row),
      seen: cut(joined([seenOf(shown), ...shown.notable], ' · '), 1500),
      isAsPromised: shown.state === 'unknown' ? null : shown.state === 'kept',
    }
  })
}

function seenOf({ tried, held, lacking }: Shown): Words {
  const shown = sentence(
    {
      en: '{held} were held while their controls got through',
      sv: '{held} hölls ute medan deras kontroller kom fram',
    },
    { held: share(held, tried, TRIES) },
  )
  if (lacking.length === 0) return shown
  const names = listed(lacking.map(attackInWords))
  return sentence(
    { en: '{shown}; not on this kernel: {names}', sv: '{shown}; finns inte i den här kärnan: {names}' },
    { shown, names },
  )
}
