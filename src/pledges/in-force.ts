import { Temporal } from 'temporal-polyfill'
import type { Pledge, Values, Words } from './pledge.ts'
import type { OverviewRow } from './store.ts'

/** A promise as it is made now. */
export type PledgeInForce = {
  pledge: Pledge
  values: Values
  says: Words
  dropped: string | null
  /** How often it is proved (ISO 8601, of fixed length), and how old evidence may be. */
  every: string
  everyMs: number
  freshness: string
  freshnessMs: number
}

/** The register with what the overview in force says of it; the register alone where there is none. */
export function pledgesInForce(
  register: readonly Pledge[],
  overview: Pick<OverviewRow, 'content'> | undefined,
): PledgeInForce[] {
  return register.map((pledge) => {
    const said = overview?.content[pledge.id]
    const defaults = Object.fromEntries(
      Object.entries(pledge.parameters).map(([name, parameter]) => [name, parameter.default]),
    )
    const every = said?.every ?? pledge.every
    // Who looks more often is held to fresher evidence, unless something else was said.
    const freshness =
      said?.freshness ?? (said?.every === undefined ? pledge.freshness : undefined) ?? twice(every)
    return {
      pledge,
      values: { ...defaults, ...said?.values },
      says: said?.says ?? pledge.says,
      dropped: said?.dropped ?? null,
      every,
      everyMs: milliseconds(every),
      freshness,
      freshnessMs: milliseconds(freshness),
    }
  })
}

/** The promise as it was made at an instant, from every overview that ever was in force (`overviewsInForce`). */
export function pledgeAt(
  pledge: Pledge,
  overviews: readonly OverviewRow[],
  instantMs: number,
): PledgeInForce {
  const then = overviews
    .filter((one) => one.approved_at !== null && one.approved_at <= instantMs)
    .reduce<OverviewRow | undefined>(
      (last, one) => (last === undefined || one.approved_at! > last.approved_at! ? one : last),
      undefined,
    )
  return pledgesInForce([pledge], then)[0]!
}

/** A duration of fixed length, doubled: its largest unit carries what it is said in. */
function twice(duration: string): string {
  const once = Temporal.Duration.from(duration)
  return once.add(once).toString()
}

const milliseconds = (duration: string) => Temporal.Duration.from(duration).total('milliseconds')
