/** Lets callers wait for a signal about one subject; `announce` wakes them all. */
export function createWaiters(): {
  announce(subject: string): void
  wait(subject: string, timeoutMs: number): Promise<void>
} {
  const waiting = new Map<string, Set<() => void>>()
  return {
    announce(subject) {
      const waiters = waiting.get(subject)
      waiting.delete(subject)
      for (const wake of waiters ?? []) wake()
    },
    wait(subject, timeoutMs) {
      return new Promise((resolve) => {
        const waiters = waiting.get(subject) ?? new Set()
        waiting.set(subject, waiters)
        const timer = setTimeout(wake, Math.max(0, timeoutMs))
        function wake() {
          clearTimeout(timer)
          waiters.delete(wake)
          if (waiters.size === 0 && waiting.get(subject) === waiters) waiting.delete(subject)
          resolve()
        }
        waiters.add(wake)
      })
    },
  }
}
