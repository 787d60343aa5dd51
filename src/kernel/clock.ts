/** Where time comes from; `now()` is milliseconds since the Unix epoch, UTC. */
export type Clock = { now(): number }

/** The machine's own clock. The only place in the product that reads it. */
export const systemClock: Clock = { now: () => Date.now() }

/** RFC 3339 in UTC with milliseconds, e.g. `2026-11-23T09:00:00.000Z`. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
