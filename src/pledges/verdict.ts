/** Fresh evidence covers everyone; evidence shows a breach; nobody could look, or too long ago; nothing has come due yet. */
export const STATES = ['kept', 'broken', 'unknown', 'unexercised'] as const
export type State = (typeof STATES)[number]

/** How many there are, how many of them were looked at, and how many of those are as promised. */
export type Population = { all: number; examined: number; kept: number; of: string }

/** One thing that was looked at: what, where, and what was seen. Shown to people and kept with the verdict. */
export type Evidence = { what: string; seen: string; isAsPromised: boolean | null }

/** What a proof says of one part of the sentence. `absent` is shown, not assumed: a port that refuses connections. */
export type Finding = {
  part: string
  state: State | 'absent'
  /** One sentence in plain words that names what is missing, or what was looked at. */
  reason: string
  population?: Population
  /** The failures first, then a sample; at most `EVIDENCE_AT_MOST`. */
  evidence?: readonly Evidence[]
  /** What to do about it. */
  remedy?: string
}

export const EVIDENCE_AT_MOST = 50

export type Verdict = {
  state: State
  reason: string
  remedy: string | null
  population: Population | null
}

/**
 * The verdict on a whole sentence, from what was found of its parts: a breach anywhere breaks it; what was not shown makes it
 * unknown and is named; parts that are absent, or that nothing has come due for, do not make it kept by themselves.
 */
export function combine(parts: readonly string[], given: readonly Finding[]): Verdict {
  const findings = given.map(wholly)
  const of = (state: Finding['state']) =>
    findings.filter((one) => parts.includes(one.part) && one.state === state)
  const unshown = parts.filter((part) => !findings.some((one) => one.part === part))
  const [broken, unknown, kept, unexercised] = [of('broken'), of('unknown'), of('kept'), of('unexercised')]
  const join = (some: readonly Finding[]) =>
    some
      .map((one) => one.reason)
      .filter(Boolean)
      .join(' ')
  const remedyOf = (some: readonly Finding[]) => some.find((one) => one.remedy !== undefined)?.remedy ?? null
  const population = smallest([...broken, ...unknown, ...kept].flatMap((one) => one.population ?? []))
  if (broken.length > 0)
    return { state: 'broken', reason: join(broken), remedy: remedyOf(broken), population }
  if (unknown.length > 0 || unshown.length > 0) {
    const missing = unshown.length > 0 ? `Not shown: ${unshown.join(', ')}.` : ''
    const reason = [join(unknown), missing].filter(Boolean).join(' ')
    return { state: 'unknown', reason, remedy: remedyOf(unknown), population }
  }
  if (kept.length > 0) return { state: 'kept', reason: join(kept), remedy: null, population }
  if (unexercised.length > 0)
    return { state: 'unexercised', reason: join(unexercised), remedy: null, population }
  return { state: 'unknown', reason: join(of('absent')) || 'No proof yet.', remedy: null, population }
}

/** Who was not looked at was not shown: a finding about some says nothing about all. */
function wholly(finding: Finding): Finding {
  const { population } = finding
  if (finding.state !== 'kept' || population === undefined || population.examined >= population.all)
    return finding
  const reason = `Only ${population.examined} of ${population.all} ${population.of} could be looked at.`
  return { ...finding, state: 'unknown', reason }
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
