import { createServer, type RequestListener, type Server } from 'node:http'
import { ConnectionCount } from './clients.ts'
import { type Domains, parseHost, routeOf } from './host.ts'
import type { Limits } from './limits.ts'

const originForm = /^\/[\x21\x22\x24-\x7e]*$/
const absoluteForm = /^http:\/\/([^/?]+)(.*)$/i

/**
 * The plain HTTP listener: sends whoever names a host of ours to HTTPS (308, so that methods and bodies survive), and has
 * nothing else to say. Carries no HSTS, which clients must ignore over plain HTTP (RFC 6797, 8.1).
 */
export function createRedirectServer(domains: Domains, httpsPort: () => number, limits: Limits): Server {
  const count = new ConnectionCount({
    all: limits.redirectConnections,
    ofOne: limits.connectionsOfOneAddress,
  })
  const answer: RequestListener = (request, response) => {
    const say = (status: number, fields: Record<string, string> = {}) => {
      response.writeHead(status, { ...fields, 'content-length': '0', connection: 'close' })
      response.flushHeaders()
      // Closed on a body that is still coming, the connection would take the answer with it.
      if (request.headers.expect === undefined) request.resume().on('end', () => response.end())
      else response.end()
    }
    const hosts = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
    const text = request.headers.host ?? ''
    const host = hosts.length === 1 ? parseHost(text) : null
    const path = pathOf(request.url ?? '', text)
    const port = httpsPort()
    if (host === null || path === null) say(400)
    else if (routeOf(host.name, domains) === null) say(404)
    // Kept free for the answers of an ACME issuer.
    else if (path.startsWith('/.well-known/acme-challenge/')) say(404)
    else say(308, { location: `https://${host.name}${port === 443 ? '' : `:${port}`}${path}` })
  }
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: Math.max(limits.stalledTimeoutMs, limits.headersTimeoutMs),
      keepAliveTimeout: Math.min(5_000, limits.idleTimeoutMs),
      requireHostHeader: false,
      connectionsCheckingInterval: Math.min(5_000, limits.headersTimeoutMs),
    },
    answer,
  )
  server.on('connection', (socket) => {
    const leave = count.enter(socket.remoteAddress)
    if (leave === null) socket.destroy()
    else socket.on('close', leave)
  })
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    else socket.destroy()
  })
  server.on('connect', (_request, socket) => socket.destroy())
  // Nobody is asked for a body that goes nowhere.
  server.on('checkContinue', answer)
  server.on('checkExpectation', (_request, response) => {
    response.writeHead(417, { 'content-length': '0', connection: 'close' })
    response.end()
  })
  return server
}

/** The path and query of a target; an absolute one (RFC 9112, 3.2.2) has to name the same host. */
function pathOf(target: string, host: string): string | null {
  if (originForm.test(target)) return target
  const [, authority, rest = ''] = absoluteForm.exec(target) ?? []
  if (authority?.toLowerCase() !== host.toLowerCase()) return null
  const path = rest.startsWith('/') ? rest : `/${rest}`
  return originForm.test(path) ? path : null
}
