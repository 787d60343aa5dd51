export type Told = { said: string; undo?: () => void }

const waiting: Told[] = []
let hear: ((told: Told) => void) | undefined

/** Says for a few seconds what was done; `undo` takes it back, where it can be taken back. */
export function tell(said: string, options: { undo?: () => void } = {}): void {
  const told = { said, ...options }
  if (hear) hear(told)
  else waiting.push(told)
}

/** Hands over what is told from now on, and what was told before anybody listened. */
export function listenToTold(listener: (told: Told) => void): () => void {
  hear = listener
  for (const told of waiting.splice(0)) listener(told)
  return () => {
    hear = undefined
  }
}
