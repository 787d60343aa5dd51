import type { RequestHead } from './request-head.ts'
import type { AnswerHead } from './response-parser.ts'

const ADDRESS = /^\/\.well-known\/borgen-probe\/([2-5]\d\d)$/

/**
 * What a prober that knows its token is given: an answer of the class it asks for, as if whoever is behind this name had sent it,
 * so that it goes out as their answers do. Nobody is woken for it. Null for every other request.
 */
export function probedAnswer(asked: RequestHead): AnswerHead | null {
  if (!asked.probe || asked.framing.kind !== 'none' || asked.method !== 'GET') return null
  const status = Number(ADDRESS.exec(asked.path)?.[1] ?? 0)
  if (status === 0) return null
  const hasLength = status !== 204 && status !== 304
  // What an application may say of it is not passed on, and would show here if it were.
  const rawHeaders = ['cache-control', 'no-store', 'strict-transport-security', 'max-age=0']
  if (hasLength) rawHeaders.push('content-length', '0')
  if (status >= 300 && status < 400) rawHeaders.push('location', '/')
  return {
    status,
    rawHeaders,
    lengthBytes: hasLength ? 0 : null,
    hasBody: false,
    reusable: true,
    keepAliveMs: null,
  }
}
