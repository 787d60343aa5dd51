// One Ctrl-C arrives several times: from the terminal, from npm, from the program that started this one.
const echoMs = 1_000

/** Listens from now on for the wish to stop: Ctrl-C, SIGTERM, or the terminal going away. */
export function listenForStop(): { asked: Promise<void>; again: Promise<void>; silence(): void } {
  const asked = Promise.withResolvers<void>()
  const again = Promise.withResolvers<void>()
  let firstAt: number | undefined
  const hear = () => {
    if (firstAt === undefined) {
      firstAt = performance.now()
      asked.resolve()
    } else if (performance.now() - firstAt > echoMs) {
      again.resolve()
    }
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, hear)
  return {
    asked: asked.promise,
    again: again.promise,
    silence() {
      for (const signal of signals) process.off(signal, hear)
    },
  }
}
