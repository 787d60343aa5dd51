import { createServer, type Server } from 'node:http'
import { type Domains, parseHost, routeOf } from './host.ts'
import { LIMITS } from './limits.ts'

const originForm = /^\/[\x21\x22\x24-\x7e]*$/

/**
 * The plain HTTP listener: sends whoever names a host of ours to HTTPS (308, so that methods and bodies survive), and has
 * nothing else to say. Carries no HSTS, which clients must ignore over plain HTTP (RFC 6797, 8.1).
 */
export function createRedirectServer(domains: Domains, httpsPort: () => number): Server {
  const server = createServer(
    {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersTimeoutMs,
      requestTimeout: LIMITS.stalledTimeoutMs,
      keepAliveTimeout: 5_000,
      requireHostHeader: false,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => {
      const answer = (status: number, fields: Record<string, string> = {}) => {
        response.writeHead(status, { ...fields, 'content-length': '0', connection: 'close' })
        response.end()
      }
      const hosts = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
      const host = hosts.length === 1 ? parseHost(request.headers.host ?? '') : null
      const path = request.url ?? ''
      const port = httpsPort()
      if (host === null || !originForm.test(path)) answer(400)
      else if (routeOf(host.name, domains) === null) answer(404)
      // Kept free for the answers of an ACME issuer.
      else if (path.startsWith('/.well-known/acme-challenge/')) answer(404)
      else answer(308, { location: `https://${host.name}${port === 443 ? '' : `:${port}`}${path}` })
    },
  )
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    else socket.destroy()
  })
  server.on('connect', (_request, socket) => socket.destroy())
  server.on('checkExpectation', (_request, response) => {
    response.writeHead(417, { 'content-length': '0', connection: 'close' })
    response.end()
  })
  return server
}
