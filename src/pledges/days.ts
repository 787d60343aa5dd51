import { isoOf } from '../kernel/clock.ts'
import type { Day, Standing } from './board.ts'
import type { State } from './verdict.ts'

const DAY_MS = 86_400_000
/** The worst first. */
const WORST = ['broken', 'unknown', 'unexercised', 'kept'] as const

/**
 * The last `count` days in UTC, oldest first, each with the worst state of its promise on that day; `none` before anything was ever
 * found. `transitions` are oldest first and begin with the one that stood when the first day began, where there was one; the
 * standing now counts too, since evidence that grew stale leaves no transition until something is found again.
 */
export function daysOf(
  transitions: readonly { at: number; state: State }[],
  standing: Pick<Standing, 'state' | 'since'>,
  { nowMs, count }: { nowMs: number; count: number },
): Day[] {
  const known = [...transitions]
  const last = known.at(-1)
  if (last && standing.since !== null && standing.since > last.at && standing.state !== last.state)
    known.push({ at: standing.since, state: standing.state })
  const first = firstDay(nowMs, count)
  let at = 0
  let current: State | undefined
  return Array.from({ length: count }, (_, index) => {
    const begin = first + index * DAY_MS
    for (let next = known[at]; next && next.at <= begin; next = known[++at]) current = next.state
    const seen = new Set(current === undefined ? [] : [current])
    for (let next = known[at]; next && next.at < begin + DAY_MS; next = known[++at]) {
      current = next.state
      seen.add(current)
    }
    return { date: isoOf(begin).slice(0, 10), state: WORST.find((state) => seen.has(state)) ?? 'none' }
  })
}

/** Midnight (UTC) that the first of the last `count` days begins with. */
export function firstDay(nowMs: number, count: number): number {
  return Math.floor(nowMs / DAY_MS) * DAY_MS - (count - 1) * DAY_MS
}
