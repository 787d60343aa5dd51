import { type ApiCalls, type Asked, addressOf } from './calls.ts'
import { ApiProblem, problemFrom, unreachable } from './problem.ts'

/** The API for a page of the plane itself: the session's cookie says who asks. Every failure rejects with an ApiProblem. */
export function createBrowserClient(): ApiCalls {
  const once = async (request: () => Promise<Response>): Promise<unknown> => {
    let response: Response
    try {
      response = await request()
    } catch (cause) {
      throw unreachable(
        'The server cannot be reached.',
        'Look whether Borgen runs; this page goes on by itself.',
        cause,
      )
    }
    const text = await response.text()
    if (!response.ok) throw problemFrom(response.status, text)
    try {
      return JSON.parse(text)
    } catch {
      throw problemFrom(response.status, text)
    }
  }
  const ask = async (method: string, path: string, init: Asked = {}): Promise<unknown> => {
    const isEmpty = init.body === undefined
    const send = () =>
      fetch(addressOf(path, init), {
        method,
        headers: {
          accept: 'application/json, application/problem+json;q=0.9',
          ...(isEmpty ? {} : { 'content-type': 'application/json' }),
          ...(method === 'GET' ? {} : { 'idempotency-key': key }),
        },
        ...(isEmpty ? {} : { body: JSON.stringify(init.body) }),
      })
    const key = method === 'GET' ? '' : crypto.randomUUID()
    try {
      return await once(send)
    } catch (error) {
      // The same key makes it harmless to send a change again whose answer was lost.
      if (method === 'GET' || !(error instanceof ApiProblem) || error.problem.code !== 'unreachable')
        throw error
      return once(send)
    }
  }
  // What the schema promises of an answer is what the same schema makes the server hold.
  return {
    get: (path, ...[init]) => ask('GET', path, init as Asked) as Promise<never>,
    post: (path, ...[init]) => ask('POST', path, init as Asked) as Promise<never>,
    delete: (path, ...[init]) => ask('DELETE', path, init as Asked) as Promise<never>,
  }
}
