const START_MS = Date.parse('2026-11-23T09:00:00Z')

/** A clock that only the test turns. */
export type TestClock = { now(): number; advance(ms: number): void }

export function createTestClock(at = START_MS): TestClock {
  let now = at
  return {
    now: () => now,
    advance(ms) {
      now += ms
    },
  }
}
