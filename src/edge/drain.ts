/** Counts what runs in a listener that will have to stop, and lets it end. */
export class Drain {
  begun = false
  private readonly running = new Set<{ onBegin: () => void }>()
  private whenNothingRuns: () => void = () => {}

  /** Counts something in and gives the function that counts it out; `onBegin` tells it once that the drain has begun. */
  enter(onBegin: () => void): () => void {
    const run = { onBegin }
    this.running.add(run)
    if (this.begun) onBegin()
    return () => {
      this.running.delete(run)
      if (this.running.size === 0) this.whenNothingRuns()
    }
  }

  /** Begins; resolves when nothing runs any more, after `withinMs` at the latest. */
  begin(withinMs: number): Promise<void> {
    this.begun = true
    for (const { onBegin } of this.running) onBegin()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs)
      this.whenNothingRuns = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.running.size === 0) this.whenNothingRuns()
    })
  }
}
