import { cookieNameOf, staysWithHost } from './cookie-domain.ts'
import type { AnswerHead } from './response-parser.ts'

/** Two years, and every name below: sent once, on every answer over TLS, whatever the upstream says itself. */
export const HSTS = 'max-age=63072000; includeSubDomains'

/** What may go on to the client, names as sent, and the names of the cookies that were refused. */
export type AnswerFields = { fields: string[]; refusedCookies: string[] }

const notForwarded = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  // Said by the edge alone.
  'strict-transport-security',
  'public-key-pins',
  'alt-svc',
  // Says what runs behind, to nobody's use.
  'server',
  'x-powered-by',
  'x-aspnet-version',
  'x-aspnetmvc-version',
])

const notInTrailers = new Set([
  ...notForwarded,
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'host',
  'authorization',
  'set-cookie',
  'cookie',
  'cache-control',
  'location',
  'clear-site-data',
])

/** The fields of an upstream's answer for the client of `host`; `length` says whether the body's length may be told. */
export function answerFields(head: AnswerHead, host: string): AnswerFields {
  const { rawHeaders } = head
  const fields: string[] = []
  const refusedCookies: string[] = []
  let named: string[] | null = null
  let lengthSeen = false
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    const value = rawHeaders[index + 1]!
    const lower = name.toLowerCase()
    if (lower === 'connection') named = [...(named ?? []), ...optionsOf(value)]
    if (notForwarded.has(lower) || lower.startsWith('x-borgen-')) continue
    if (lower === 'content-length') {
      if (lengthSeen || head.status === 204) continue
      lengthSeen = true
    }
    if (lower === 'set-cookie' && !staysWithHost(value, host)) {
      refusedCookies.push(cookieNameOf(value))
      continue
    }
    if (lower === 'clear-site-data') {
      const kept = ownSiteDataOnly(value)
      if (kept !== '') fields.push(name, kept)
      continue
    }
    fields.push(name, value)
  }
  if (named?.some((name) => name !== 'close' && !notForwarded.has(name))) dropNamed(fields, named)
  fields.push('strict-transport-security', HSTS)
  return { fields, refusedCookies }
}

/** The trailers that may follow a body; what would change how the answer is understood is dropped (RFC 9110, 6.5.1). */
export function trailerFields(rawTrailers: readonly string[]): string[] {
  const fields: string[] = []
  for (let index = 0; index < rawTrailers.length; index += 2) {
    const lower = rawTrailers[index]!.toLowerCase()
    if (notInTrailers.has(lower) || lower.startsWith('x-borgen-') || lower.startsWith('x-forwarded-'))
      continue
    fields.push(lower, rawTrailers[index + 1]!)
  }
  return fields
}

/** Clearing "cookies" clears those of the whole registrable domain, so also what other customers' instances set. */
function ownSiteDataOnly(value: string): string {
  const directives = value.split(',').map((each) => each.trim())
  const own = directives.flatMap((each) => (each === '"*"' ? ['"cache"', '"storage"'] : [each]))
  return own.filter((each) => each !== '"cookies"').join(', ')
}

function optionsOf(connection: string): string[] {
  return connection
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
}

function dropNamed(fields: string[], named: string[]): void {
  for (let index = fields.length - 2; index >= 0; index -= 2) {
    const lower = fields[index]!.toLowerCase()
    // An answer cannot have its length or cookies dropped by calling them hop-by-hop.
    if (lower !== 'content-length' && lower !== 'set-cookie' && named.includes(lower)) fields.splice(index, 2)
  }
}
