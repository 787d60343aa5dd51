export type FieldErrors = Record<string, string>

export class RequestError extends Error {
  readonly status: number
  readonly fields: FieldErrors
  constructor(status: number, message: string, fields: FieldErrors = {}) {
    super(message)
    this.status = status
    this.fields = fields
  }
}

type Answer = { detail?: string; errors?: { field: string; message: string }[] }

let onSignedOut: () => void = () => undefined

/** A session that ended shows the sign-in page, whatever page it ended on. */
export function whenSignedOut(run: () => void): void {
  onSignedOut = run
}

async function readAnswer<T>(response: Response): Promise<T> {
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  const body: unknown = isJson ? await response.json() : null
  if (response.ok) return body as T
  const { detail, errors = [] } = (body ?? {}) as Answer
  if (response.status === 401 && !response.url.endsWith('/api/sign-in')) onSignedOut()
  const fields: FieldErrors = {}
  for (const error of errors) fields[error.field] ??= error.message
  throw new RequestError(response.status, detail ?? `The server answered ${response.status}.`, fields)
}

async function send<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/api/${path}`, init)
  } catch {
    throw new RequestError(0, 'The server cannot be reached. Check the connection and try again.')
  }
  return readAnswer<T>(response)
}

export const get = <T>(path: string): Promise<T> => send<T>(path, {})

export const call = <T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> =>
  send<T>(path, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  })

export const postText = <T>(path: string, body: string, type: string): Promise<T> =>
  send<T>(path, { method: 'POST', body, headers: { 'content-type': type } })

export function upload<T>(path: string, file: File, fields: Record<string, string>): Promise<T> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', file, file.name)
  return send<T>(path, { method: 'POST', body: form })
}
