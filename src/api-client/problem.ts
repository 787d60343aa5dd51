/** An RFC 9457 problem document as the server writes it; `status` 0 means that no server was reached. */
export type Problem = {
  type: string
  title: string
  status: number
  code: string
  detail: string
  remedy?: string
  instance?: string
  errors?: { at: string; found: string; expected: string }[]
  more?: Record<string, unknown>
}

/** What every failed request throws: the server's own problem document, or one made here when there was no server. */
export class ApiProblem extends Error {
  readonly problem: Problem

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options)
    this.name = 'ApiProblem'
    this.problem = problem
  }
}

/** Says whether this is a failed request, and if a code is given, whether it is that one. */
export function isApiProblem(error: unknown, code?: string): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.problem.code === code)
}

/** No answer came, or not one that a Borgen server gives; `cause` says why. */
export function unreachable(detail: string, remedy: string, cause?: unknown): ApiProblem {
  return new ApiProblem(
    {
      type: 'urn:borgen:error:unreachable',
      title: 'Unreachable',
      status: 0,
      code: 'unreachable',
      detail,
      remedy,
    },
    { cause },
  )
}

/** The connection broke after the request was sent, and again when it was repeated. */
export function lost(cause: ApiProblem): ApiProblem {
  const detail = 'The connection was lost before the answer came, so it is not known whether it was done.'
  const remedy = 'Look whether it was done (`borgen log tail`) before you repeat it.'
  const about = {
    type: 'urn:borgen:error:lost',
    title: 'Connection lost',
    status: 0,
    code: 'lost',
    detail,
    remedy,
  }
  return new ApiProblem(about, { cause })
}

/** The problem in an error answer; for an answer that holds none, one that says so. */
export function problemFrom(status: number, body: string): ApiProblem {
  const found = parsed(body)
  const text = (key: string) => (typeof found?.[key] === 'string' ? found[key] : undefined)
  const [code, detail] = [text('code'), text('detail')]
  if (found === undefined || code === undefined || detail === undefined)
    return new ApiProblem({
      type: 'urn:borgen:error:not_understood',
      title: 'Not understood',
      status,
      code: 'not_understood',
      detail: `The answer (status ${status}) is not one that a Borgen server gives.`,
      remedy: 'Check that the address leads to a Borgen server.',
    })
  const remedy = text('remedy')
  const instance = text('instance')
  return new ApiProblem({
    type: text('type') ?? 'about:blank',
    title: text('title') ?? 'Error',
    status,
    code,
    detail,
    ...(remedy === undefined ? {} : { remedy }),
    ...(instance === undefined ? {} : { instance }),
    ...(Array.isArray(found.errors) ? { errors: found.errors.flatMap(fieldError) } : {}),
    ...(isRecord(found.more) ? { more: found.more } : {}),
  })
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function fieldError(value: unknown): { at: string; found: string; expected: string }[] {
  if (!isRecord(value)) return []
  return [
    { at: String(value.at ?? ''), found: String(value.found ?? ''), expected: String(value.expected ?? '') },
  ]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
