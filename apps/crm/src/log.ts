export type Fields = Record<string, string | number | boolean | null | readonly string[] | undefined>

export type Log = {
  event(name: string, fields?: Fields): void
  audit(action: string, fields: Fields): void
  /** The same for what only administrators may do. */
  administrator(action: string, fields: Fields): void
  error(name: string, error: unknown, fields?: Fields): void
}

/**
 * One JSON object a line; `stream` says to whom it matters, and whoever collects the lines sorts them by it. Callers pass ids
 * and field names, never what a person wrote.
 */
export function createLog(write: (line: string) => void = (line) => process.stdout.write(line)): Log {
  const line = (stream: string, event: string, fields: Fields) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), stream, event, ...fields })}\n`)
  return {
    event: (name, fields = {}) => line('event', name, fields),
    audit: (action, fields) => line('audit', action, fields),
    administrator: (action, fields) => line('administrator', action, fields),
    error: (name, error, fields = {}) => line('error', name, { ...fields, ...describe(error) }),
  }
}

/**
 * A database error's message and detail can quote the row, so of those only the code is kept, which is enough to look
 * it up, and where in the code it happened.
 */
function describe(error: unknown): Fields {
  if (!(error instanceof Error)) return { name: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const fromDatabase = 'severity' in error
  return {
    name: error.name,
    code,
    message: fromDatabase ? undefined : error.message,
    at: error.stack
      ?.split('\n')
      .filter((text) => text.startsWith('    at '))
      .slice(0, 4)
      .map((text) => text.slice(7)),
  }
}
