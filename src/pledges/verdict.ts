import type { Pledge, Words } from './pledge.ts'
import { joined, listed, sentence } from './sentence.ts'

/** Fresh evidence covers everyone; evidence shows a breach; nobody could look, or too long ago; nothing has come due yet. */
export const STATES = ['kept', 'broken', 'unknown', 'unexercised'] as const
export type State = (typeof STATES)[number]

/** How many there are, how many of them were looked at, how many of those are as promised, and what they are (`named` beside `all`). */
export type Population = { all: number; examined: number; kept: number; of: Words }

/** One thing that was looked at: which (by its address or path, or described), and what was seen. Shown to people and kept with the verdict. */
export type Evidence = { what: string | Words; seen: Words; isAsPromised: boolean | null }

/** What a proof says of one part of the sentence. `absent` is shown, not assumed: a port that refuses connections. */
export type Finding = {
  part: string
  state: State | 'absent'
  /** One sentence in plain words that names what is missing, or what was looked at. */
  reason: Words
  population?: Population
  /** The failures first, then a sample; at most `EVIDENCE_AT_MOST`. */
  evidence?: readonly Evidence[]
  /** What to do about it. */
  remedy?: Words
}

export const EVIDENCE_AT_MOST = 50

export type Verdict = {
  state: State
  reason: Words
  remedy: Words | null
  population: Population | null
}

/**
 * The verdict on a whole sentence, from what was found of its parts: a breach anywhere breaks it; what was not shown makes it
 * unknown and is named; parts that are absent, or that nothing has come due for, do not make it kept by themselves.
 */
export function combine(parts: Pledge['parts'], given: readonly Finding[]): Verdict {
  const findings = given.map(wholly)
  const of = (state: Finding['state']) =>
    findings.filter((one) => Object.hasOwn(parts, one.part) && one.state === state)
  const unshown = Object.keys(parts).filter((part) => !findings.some((one) => one.part === part))
  const [broken, unknown, kept, unexercised] = [of('broken'), of('unknown'), of('kept'), of('unexercised')]
  const join = (some: readonly Finding[]) => joined(some.map((one) => one.reason))
  const remedyOf = (some: readonly Finding[]) => some.find((one) => one.remedy !== undefined)?.remedy ?? null
  const population = smallest([...broken, ...unknown, ...kept].flatMap((one) => one.population ?? []))
  if (broken.length > 0)
    return { state: 'broken', reason: join(broken), remedy: remedyOf(broken), population }
  if (unknown.length > 0 || unshown.length > 0) {
    const titles = listed(unshown.map((part) => parts[part]!))
    const missing = unshown.length > 0 ? [sentence(NOT_SHOWN, { titles })] : []
    const reason = joined([join(unknown), ...missing])
    return { state: 'unknown', reason, remedy: remedyOf(unknown), population }
  }
  if (kept.length > 0) return { state: 'kept', reason: join(kept), remedy: null, population }
  if (unexercised.length > 0)
    return { state: 'unexercised', reason: join(unexercised), remedy: null, population }
  const absent = of('absent')
  const reason = absent.length > 0 ? join(absent) : NO_PROOF
  return { state: 'unknown', reason, remedy: null, population }
}

/** What is said of a promise that nothing was found of. */
export const NO_PROOF: Words = { en: 'No proof yet.', sv: 'Ännu inte prövat.' }
const NOT_SHOWN = { en: 'Not shown: {titles}.', sv: 'Inte visat: {titles}.' } as const
const NOT_ALL = {
  en: 'Only {examined} of {all} {of} could be looked at.',
  sv: 'Bara {examined} av {all} {of} kunde granskas.',
} as const

/** Who was not looked at was not shown: a finding about some says nothing about all. */
function wholly(finding: Finding): Finding {
  const { population } = finding
  if (finding.state !== 'kept' || population === undefined || population.examined >= population.all)
    return finding
  return { ...finding, state: 'unknown', reason: sentence(NOT_ALL, population) }
}

/** The population that says least for us: the smallest share that is as promised. */
function smallest(populations: readonly Population[]): Population | null {
  const share = (one: Population) => (one.all === 0 ? 1 : one.kept / one.all)
  return populations.reduce<Population | null>(
    (least, one) =>
      least === null || share(one) < share(least) || (share(one) === share(least) && one.all > least.all)
        ? one
        : least,
    null,
  )
}

/** Whether evidence is too old to say anything now; judged when it is read, so that a dead proof runner turns the board grey. */
export function isStale(provedAtMs: number, freshnessMs: number, nowMs: number): boolean {
  return nowMs - provedAtMs > freshnessMs || provedAtMs > nowMs
}
