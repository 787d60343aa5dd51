/** What `borgen up` shows: steps with their times, then lines. Colour and progress only on a terminal. */
export type Screen = {
  line(text?: string): void
  /** Runs one step and shows its name with the time it took; a quick step of a later start is not shown. */
  step<Result>(name: string, run: () => Promise<Result> | Result): Promise<Result>
  problem(text: string): void
}

const quickMs = 250

/** A screen on this stream. With `brief` only slow steps are shown, as on every start but the first. */
export function createScreen(out: NodeJS.WriteStream, brief: boolean): Screen {
  const paint = (code: number, text: string) =>
    out.isTTY && !process.env.NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text
  const line = (text = '') => {
    out.write(`${text}\n`)
  }
  return {
    line,
    async step(name, run) {
      const started = performance.now()
      const showing = out.isTTY && !brief
      if (showing) out.write(`  ${paint(2, '…')} ${name}`)
      const erase = () => {
        if (showing) out.write('\r\x1b[K')
      }
      try {
        const result = await run()
        const tookMs = performance.now() - started
        erase()
        if (!brief || tookMs > quickMs) line(`  ${paint(32, '✔')} ${name.padEnd(44)} ${seconds(tookMs)}`)
        return result
      } catch (error) {
        erase()
        line(`  ${paint(31, '✘')} ${name}`)
        throw error
      }
    },
    problem(text) {
      line(`  ${paint(33, '!')} ${text}`)
    },
  }
}

/** Milliseconds as people read them in a list: `0.42 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
