/**
 * Where time comes from; `now()` is milliseconds since the Unix epoch, UTC. A demo world's clock may be ahead of the machine's,
 * which it then has as `realNow`.
 */
export type Clock = { now(): number; realNow?(): number }

/** The machine's own clock. The only place in the product that reads it. */
export const systemClock: Clock = { now: () => Date.now() }

/** RFC 3339 in UTC with milliseconds, e.g. `2026-11-23T09:00:00.000Z`. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}

/** When something happened, as an entry of the log says it: in a demo whose clock is ahead, by both clocks. */
export function stampOf(clock: Clock): { at: string; realAt?: string } {
  const [now, real] = [clock.now(), clock.realNow?.()]
  return real === undefined || real === now ? { at: isoOf(now) } : { at: isoOf(now), realAt: isoOf(real) }
}

/** The machine's time, also where a demo's clock is ahead of it. */
export function realNow(clock: Clock): number {
  return clock.realNow?.() ?? clock.now()
}
