import { Temporal } from 'temporal-polyfill'
import type { Pledge, Values, Words } from './pledge.ts'
import type { OverviewRow } from './store.ts'

/** A promise as it is made now. */
export type PledgeInForce = {
  pledge: Pledge
  values: Values
  says: Words
  dropped: string | null
  /** How often it is proved, and how old evidence may be. */
  everyMs: number
  freshnessMs: number
}

/** The register with what the overview in force says of it; the register alone where there is none. */
export function pledgesInForce(
  register: readonly Pledge[],
  overview: OverviewRow | undefined,
): PledgeInForce[] {
  return register.map((pledge) => {
    const said = overview?.content[pledge.id]
    const defaults = Object.fromEntries(
      Object.entries(pledge.parameters).map(([name, parameter]) => [name, parameter.default]),
    )
    const every = String(said?.values.every ?? pledge.every)
    const everyMs = milliseconds(every)
    const freshnessMs =
      every === pledge.every && pledge.freshness ? milliseconds(pledge.freshness) : 2 * everyMs
    return {
      pledge,
      values: { ...defaults, ...said?.values },
      says: said?.says ?? pledge.says,
      dropped: said?.dropped ?? null,
      everyMs,
      freshnessMs,
    }
  })
}

const milliseconds = (duration: string) => Temporal.Duration.from(duration).total('milliseconds')
