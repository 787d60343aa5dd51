import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type ApiCalls, type Asked, addressOf } from './calls.ts'
import { isApiProblem, lost, problemFrom, unreachable } from './problem.ts'
import { createTransport, type Place, type Received, type Sent } from './transport.ts'

const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024
// A server that is being replaced listens again within this time.
const REFUSALS_WAITED_FOR = 40
const REFUSAL_PAUSE_MS = 250

/** As ApiCalls, and any request and its answer as a stream; a status of 400 or more rejects. */
export type ApiClient = ApiCalls & { stream(sent: Omit<Sent, 'headers'> & Partial<Sent>): Promise<Received> }

export type ClientOptions = { place: Place; token: string }

/**
 * A client of the API at this place. It takes openapi-fetch's types without its code, which loads Node's fetch: 33 ms
 * that every command of the CLI would wait for.
 */
export async function createApiClient({ place, token }: ClientOptions): Promise<ApiClient> {
  const transport = await createTransport(place)

  const attempt = async (sent: Sent): Promise<Received> => {
    const received = await transport(sent)
    if (received.status >= 400) throw problemFrom(received.status, await textOf(received))
    return received
  }
  const complete = ({ method, path, headers, ...rest }: Omit<Sent, 'headers'> & Partial<Sent>): Sent => ({
    method,
    path,
    headers: {
      accept: 'application/json, application/problem+json;q=0.9, */*;q=0.5',
      authorization: `Bearer ${token}`,
      ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
      ...headers,
    },
    ...rest,
  })

  const ask = async (method: string, path: string, init: Asked = {}): Promise<unknown> => {
    const isEmpty = init.body === undefined
    const sent = complete({
      method,
      path: addressOf(path, init),
      headers: isEmpty ? {} : { 'content-type': 'application/json' },
      ...(isEmpty ? {} : { body: JSON.stringify(init.body) }),
    })
    return twice(async () => {
      const received = await attempt(sent)
      const text = await textOf(received)
      try {
        return JSON.parse(text)
      } catch {
        throw problemFrom(received.status, text)
      }
    })
  }

  // What the schema promises of an answer is what the same schema makes the server hold.
  return {
    get: (path, ...[init]) => ask('GET', path, init as Asked) as Promise<never>,
    post: (path, ...[init]) => ask('POST', path, init as Asked) as Promise<never>,
    delete: (path, ...[init]) => ask('DELETE', path, init as Asked) as Promise<never>,
    stream: async (asked) => {
      const sent = complete(asked)
      return twice(() => attempt(sent))
    },
  }
}

/** The whole body as text; refuses one that no answer of the API comes near. */
export async function textOf({ body }: Received): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      size += chunk.length
      if (size > ANSWER_LIMIT_BYTES) throw new Error(`more than ${ANSWER_LIMIT_BYTES} bytes`)
      chunks.push(chunk)
    }
  } catch (cause) {
    throw unreachable('The answer broke off.', 'Try again.', cause)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Does again, once, what may have been lost on the way; the same idempotency key makes that harmless. */
async function twice<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (!isApiProblem(error, 'unreachable') || !LOST.has(codeOf(error.cause))) throw error
  }
  for (let refused = 0; ; refused += 1) {
    try {
      return await run()
    } catch (error) {
      if (!isApiProblem(error, 'unreachable')) throw error
      if (!REFUSED.has(codeOf(error.cause)) || refused === REFUSALS_WAITED_FOR) throw lost(error)
      await pause(REFUSAL_PAUSE_MS)
    }
  }
}

const LOST = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])
const REFUSED = new Set(['ECONNREFUSED', 'ENOENT'])

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}
