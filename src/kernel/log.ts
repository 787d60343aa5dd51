import { type Clock, isoOf, systemClock } from './clock.ts'

export type Logger = {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** A process's own operational log: one JSON line an entry on stderr. Never give it secrets or personal data. */
export function createLogger(process: string, clock: Clock = systemClock): Logger {
  const write = (level: string, message: string, fields: Record<string, unknown> = {}) => {
    const shown = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plain(value)]))
    globalThis.process.stderr.write(
      `${JSON.stringify({ time: isoOf(clock.now()), level, process, message, ...shown })}\n`,
    )
  }
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  }
}

function plain(value: unknown): unknown {
  if (!(value instanceof Error)) return value
  const cause = value.cause === undefined ? '' : ` ← ${plain(value.cause)}`
  return `${value.stack ?? value.message}${cause}`
}
