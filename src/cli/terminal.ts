import type { Readable } from 'node:stream'
import { styleText } from 'node:util'

export type Style = 'red' | 'green' | 'yellow' | 'dim' | 'bold' | 'cyan'

/** The outside of a command: where its lines go and whether a person is there. */
export type Surroundings = {
  env: NodeJS.ProcessEnv
  cwd: string
  stdin: Readable & { isTTY?: boolean }
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
}

export type Terminal = {
  /** A person reads stdout, and can answer. */
  isInteractive: boolean
  hasColour: boolean
  /** Of stdout, when it is a terminal. */
  width: number | undefined
  /** Writes a line to stdout. */
  line(text?: string): void
  /** Writes a line to stderr. */
  note(text: string): void
  /** Colours for stdout; plain text where there is no terminal or NO_COLOR is set. */
  paint(style: Style, text: string): string
  /** Shows what is going on, in one line on stderr that is overwritten; nothing without a terminal there. */
  progress(text: string): void
  /** Takes that line away. */
  endProgress(): void
  /** Asks a person on stderr; empty when the input ends. */
  ask(question: string): Promise<string>
}

export function createTerminal({ env, stdin, stdout, stderr }: Surroundings, json: boolean): Terminal {
  const mayColour = env.NO_COLOR === undefined || env.NO_COLOR === ''
  const hasColour = mayColour && stdout.isTTY === true && env.TERM !== 'dumb'
  let isProgressing = false
  const endProgress = () => {
    if (isProgressing) stderr.write('\r\x1b[K')
    isProgressing = false
  }
  return {
    isInteractive: !json && stdout.isTTY === true && stdin.isTTY === true,
    hasColour,
    width: stdout.isTTY ? stdout.columns : undefined,
    line(text = '') {
      endProgress()
      stdout.write(`${text}\n`)
    },
    note(text) {
      endProgress()
      stderr.write(`${text}\n`)
    },
    paint: (style, text) => (hasColour ? styleText(style, text, { validateStream: false }) : text),
    progress(text) {
      if (json || !stderr.isTTY) return
      isProgressing = true
      stderr.write(`\r\x1b[K${text.slice(0, (stderr.columns ?? 80) - 1)}`)
    },
    endProgress,
    async ask(question) {
      endProgress()
      const { createInterface } = await import('node:readline')
      const reader = createInterface({ input: stdin, output: stderr, terminal: false })
      stderr.write(question)
      try {
        const next = await reader[Symbol.asyncIterator]().next()
        return next.done ? '' : next.value.trim()
      } finally {
        reader.close()
      }
    },
  }
}
