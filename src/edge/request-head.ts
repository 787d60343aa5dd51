import { timingSafeEqual } from 'node:crypto'
import { LIMITS } from './limits.ts'

/** A request as a client sent it, attacker-controlled throughout; `rawHeaders` alternates names and values. */
export type ClientRequest = {
  version: '1.0' | '1.1' | '2'
  method: string
  target: string
  rawHeaders: readonly string[]
  /** HTTP/2's `:authority`; null for HTTP/1. */
  authority: string | null
  /** HTTP/2 only: the stream ended with its headers. */
  endsWithHead: boolean
}

export type Framing = { kind: 'none' } | { kind: 'length'; bytes: number } | { kind: 'chunked' }

/** What the edge knows of an accepted request; `fields` are the lines that may go on, each ended by CR LF. */
export type RequestHead = {
  method: string
  path: string
  hostText: string
  framing: Framing
  fields: string
  expectsContinue: boolean
  upgrade: string | null
  probe: boolean
  accept: string
  acceptLanguage: string
  navigates: boolean
  cookie: string
}

export type Refusal = { refused: number; because: string }

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const unprintable = /[^\t\x20-\x7e\x80-\xff]/
const originForm = /^\/[\x21\x22\x24-\x7e\x80-\xff]*$/

/** Meant for one connection only (RFC 9110, 7.6.1), or for the edge alone to say. */
const notForwarded = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
  'host',
  'content-length',
  'cookie',
  'forwarded',
  'proxy',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'x-original-url',
  'x-rewrite-url',
])

/** Parses and judges a client's request; what is ambiguous is refused, since the next parser may read it otherwise. */
export function readRequestHead(request: ClientRequest, probeToken: string): RequestHead | Refusal {
  const { method, rawHeaders } = request
  if (!token.test(method)) return refuse(400, 'The method is not a token.')
  if (method === 'CONNECT' || method === 'TRACE') return refuse(405, `${method} is not offered.`)
  if (request.target.length > LIMITS.urlBytes) return refuse(414, 'The address is too long.')
  if (rawHeaders.length / 2 > LIMITS.headerCount) return refuse(431, 'There are too many headers.')

  let hostText: string | null = request.authority
  let length: string | null = null
  let coding: string | null = null
  let connection = ''
  let expectsContinue = false
  let upgrade: string | null = null
  let probe = false
  let accept = ''
  let acceptLanguage = ''
  let fetchMode = ''
  let cookie = ''
  let fields = ''

  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase()
    const value = rawHeaders[index + 1]!
    if (name.charCodeAt(0) === 0x3a) continue
    if (unprintable.test(value) || !token.test(name)) return refuse(400, 'A header has forbidden characters.')
    switch (name) {
      case 'host':
        if (hostText !== null && (request.authority === null || hostText !== value))
          return refuse(400, 'There are two hosts.')
        hostText = value
        continue
      case 'content-length':
        if (length !== null) return refuse(400, 'There are two lengths.')
        length = value
        continue
      case 'transfer-encoding':
        if (coding !== null || request.version !== '1.1')
          return refuse(400, 'The body is framed in two ways.')
        coding = value
        continue
      case 'connection':
        connection += `,${value.toLowerCase()}`
        continue
      case 'expect':
        if (value.toLowerCase() !== '100-continue') return refuse(417, 'Only 100-continue can be expected.')
        expectsContinue = request.version === '1.1'
        continue
      case 'upgrade':
        upgrade = value.toLowerCase()
        continue
      case 'cookie':
        // HTTP/2 may split it into crumbs (RFC 9113, 8.2.3).
        cookie = cookie === '' ? value : `${cookie}; ${value}`
        continue
      case 'accept':
        accept = value
        break
      case 'accept-language':
        acceptLanguage = value
        break
      case 'sec-fetch-mode':
        fetchMode = value
        break
      case 'x-borgen-probe':
        probe = sameSecret(value, probeToken)
        continue
      default:
        if (isDropped(name)) continue
    }
    fields += `${name}: ${value}\r\n`
  }

  if (hostText === null) return refuse(400, 'There is no host.')
  const path = pathOf(request.target, hostText)
  if (path === null) return refuse(400, 'The address is malformed.')
  const framing = framingOf(request, length, coding)
  if ('refused' in framing) return framing
  if (connection !== '') fields = withoutNamed(fields, connection)
  if (cookie !== '') fields += `cookie: ${cookie}\r\n`
  return {
    method,
    path,
    hostText,
    framing,
    fields,
    expectsContinue: expectsContinue && framing.kind !== 'none',
    upgrade: connection.includes('upgrade') ? upgrade : null,
    probe,
    accept,
    acceptLanguage,
    navigates:
      method === 'GET' && (fetchMode === '' ? accept.includes('text/html') : fetchMode === 'navigate'),
    cookie,
  }
}

function refuse(refused: number, because: string): Refusal {
  return { refused, because }
}

/** Headers that only the edge may set; an underscore is no way round, since CGI-like servers cannot tell it from a hyphen. */
function isDropped(name: string): boolean {
  const plain = name.includes('_') ? name.replaceAll('_', '-') : name
  return notForwarded.has(plain) || plain.startsWith('x-forwarded-') || plain.startsWith('x-borgen-')
}

/** Takes out what the Connection header declares to be for this connection only. */
function withoutNamed(fields: string, connection: string): string {
  const named = connection.split(',').flatMap((option) => {
    const name = option.trim()
    return name === '' || notForwarded.has(name) || name === 'close' ? [] : [`${name}:`]
  })
  if (named.length === 0) return fields
  const lines = fields.split('\r\n').filter((line) => !named.some((name) => line.startsWith(name)))
  return lines.join('\r\n')
}

/** The path and query of any allowed form of target (RFC 9112, 3.2); an absolute one has to name the same host. */
function pathOf(target: string, hostText: string): string | null {
  if (originForm.test(target)) return target
  const absolute = /^https:\/\/([^/?]+)(.*)$/i.exec(target)
  if (!absolute || absolute[1]!.toLowerCase() !== hostText.toLowerCase()) return null
  const rest = absolute[2]!
  const path = rest.startsWith('/') ? rest : `/${rest}`
  return originForm.test(path) ? path : null
}

function framingOf(request: ClientRequest, length: string | null, coding: string | null): Framing | Refusal {
  if (coding !== null) {
    if (length !== null) return refuse(400, 'The body is framed in two ways.')
    return coding.toLowerCase() === 'chunked'
      ? { kind: 'chunked' }
      : refuse(501, 'Only chunked is understood.')
  }
  if (length !== null) {
    if (!/^[0-9]{1,15}$/.test(length)) return refuse(400, 'The length is not a number.')
    if (request.endsWithHead && Number(length) !== 0) return refuse(400, 'The body is missing.')
    return { kind: 'length', bytes: Number(length) }
  }
  return request.version === '2' && !request.endsWithHead ? { kind: 'chunked' } : { kind: 'none' }
}

/** In constant time for tokens of the same length; an empty secret matches nothing. */
function sameSecret(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given, 'latin1'), Buffer.from(secret, 'latin1')]
  return b.length > 0 && a.length === b.length && timingSafeEqual(a, b)
}
