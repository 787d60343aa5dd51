export type Stopwatch = { mark(stage: string): void; all(): Record<string, number> }

/** Milliseconds by stage, each from the mark before it, and `total` since it was made; to a tenth. */
export function startStopwatch(): Stopwatch {
  const begun = performance.now()
  let last = begun
  const stages: Record<string, number> = {}
  const round = (ms: number) => Math.round(ms * 10) / 10
  return {
    mark(stage) {
      const now = performance.now()
      stages[stage] = round(now - last)
      last = now
    },
    all: () => ({ ...stages, total: round(performance.now() - begun) }),
  }
}
