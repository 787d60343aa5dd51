import { lookup } from 'node:dns/promises'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import type { EgressEvent } from '../contract/egress.ts'
import { type Destination, isListed, mayReach, parseAuthority } from './egress-rules.ts'

const connectLimitMs = 15_000

export type EgressProxy = { close(): Promise<void> }

/**
 * An HTTP proxy (CONNECT, and plain http:// requests) on a Unix socket for one instance. Only the listed hosts and ports
 * pass; a name is resolved once and that address is used, and one that is not public is refused unless the address
 * itself is listed. Every attempt is recorded once, when it ends.
 */
export async function openEgressProxy(options: {
  instance: string
  socketPath: string
  allowed: readonly Destination[]
  record(event: EgressEvent): void
  resolve?(host: string): Promise<string>
}): Promise<EgressProxy> {
  const resolve = options.resolve ?? (async (host: string) => (await lookup(host)).address)

  function begin(host: string, port: number) {
    const begun = performance.now()
    let recorded = false
    return (outcome: EgressEvent['outcome'], reason?: string, sentBytes = 0, receivedBytes = 0) => {
      if (recorded) return
      recorded = true
      options.record({
        instance: options.instance,
        host,
        port,
        outcome,
        ...(reason === undefined ? {} : { reason }),
        sentBytes,
        receivedBytes,
        durationMs: Math.round(performance.now() - begun),
      })
    }
  }

  /** The address to connect to, or why there is none. */
  async function admit(host: string, port: number): Promise<{ address: string } | { refused: string }> {
    if (!isListed(options.allowed, host, port)) return { refused: 'not listed' }
    const address = isIP(host) ? host : await resolve(host)
    return mayReach(options.allowed, address, port) ? { address } : { refused: 'not a public address' }
  }

  async function tunnel(asked: IncomingMessage, near: Duplex, head: Buffer): Promise<void> {
    near.on('error', () => near.destroy())
    const wanted = parseAuthority(asked.url ?? '')
    if (!wanted) return void near.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    const record = begin(wanted.host, wanted.port)
    const admitted = await admit(wanted.host, wanted.port).catch((error: Error) => ({
      refused: error.message,
    }))
    if ('refused' in admitted) {
      record('refused', admitted.refused)
      return void near.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    }
    const far = connect({ host: admitted.address, port: wanted.port, timeout: connectLimitMs })
    far.on('timeout', () => far.connecting && far.destroy(new Error('no answer')))
    far.once('connect', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) far.write(head)
      near.pipe(far).pipe(near)
    })
    far.on('error', (error) => {
      record('failed', error.message)
      near.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    far.on('close', () => {
      record('allowed', undefined, far.bytesWritten, far.bytesRead)
      near.destroy()
    })
    near.on('close', () => far.destroy())
  }

  async function forward(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = URL.canParse(asked.url ?? '') ? new URL(asked.url ?? '') : undefined
    if (url?.protocol !== 'http:') return void answer.writeHead(400).end()
    const [host, port] = [url.hostname.replace(/^\[|\]$/g, ''), Number(url.port || 80)]
    const record = begin(host, port)
    const admitted = await admit(host, port).catch((error: Error) => ({ refused: error.message }))
    if ('refused' in admitted) {
      record('refused', admitted.refused)
      return void answer.writeHead(403).end()
    }
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = asked.headers
    const onward = request({
      host: admitted.address,
      port,
      method: asked.method,
      path: url.pathname + url.search,
      headers: { ...headers, host: url.host, connection: 'close' },
      timeout: connectLimitMs,
    })
    onward.on('response', (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(answer)
    })
    onward.on('error', (error) => {
      record('failed', error.message)
      if (answer.headersSent) answer.destroy()
      else answer.writeHead(502).end()
    })
    onward.on('close', () =>
      record('allowed', undefined, onward.socket?.bytesWritten ?? 0, onward.socket?.bytesRead ?? 0),
    )
    answer.on('close', () => onward.destroy())
    asked.pipe(onward)
  }

  const server = createServer((asked, answer) => void forward(asked, answer))
  server.on('connect', (asked, socket, head) => void tunnel(asked, socket, head))
  const open = new Set<Duplex>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  await rm(options.socketPath, { force: true })
  const { promise, resolve: listening, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  // The instance's user is another one; who gets this far is its sandbox only.
  server.listen({ path: options.socketPath, writableAll: true, readableAll: true }, listening)
  await promise
  return {
    async close() {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      for (const socket of open) socket.destroy()
      await closed.promise
      await rm(options.socketPath, { force: true })
    },
  }
}
