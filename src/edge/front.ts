import { ServerResponse } from 'node:http'
import {
  constants,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createHttpsServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { HSTS } from './answer-headers.ts'
import { addressOf, ConnectionCount } from './clients.ts'
import type { Downstream } from './downstream.ts'
import { Drain } from './drain.ts'
import { Exchange, type ExchangeContext } from './exchange.ts'
import { H1Downstream, type RawSide } from './h1.ts'
import { H2Downstream, newWebSocketKey } from './h2.ts'
import { H2Sessions } from './h2-sessions.ts'
import { type Domains, parseHost, routeOf } from './host.ts'
import type { Limits } from './limits.ts'
import { sendNotice } from './notices.ts'
import type { Notice } from './pages.ts'
import { type ClientRequest, type RequestHead, readRequestHead } from './request-head.ts'
import { type Contexts, secureOptions } from './tls.ts'

export type FrontOptions = {
  domains: Domains
  probeToken: string
  contexts: Contexts
  ticketKeys: Buffer
  limits: Limits
  exchanges: ExchangeContext
}

export type Front = {
  /** Takes HTTPS connections; further listeners may hand theirs to it as `connection` events. */
  server: Server
  /** Drops new connections at once, lets what runs end for up to `drainMs`, then breaks it off. */
  close(drainMs: number): Promise<void>
}

/** How long a client whose last answer is out has to close its side. */
const lingerMs = 200

/** One request of an HTTP/1 connection; `done` is to be called when it is over. */
type Turn = { response: ServerResponse; start: (done: () => void) => void }

type Arrival = { client: ClientRequest; servername: string | null; clientAddress: string }

/** The HTTPS listener: one TLS server, which hands each connection to HTTP/1 or HTTP/2 as was agreed in its handshake. */
export function createFront(options: FrontOptions): Front {
  const { exchanges, limits } = options
  const count = new ConnectionCount({ all: limits.connections, ofOne: limits.connectionsOfOneAddress })
  const sockets = new Set<Socket>()
  const busy = new WeakMap<Duplex, Turn[]>()
  const sessions = new H2Sessions(exchanges.monotonic, limits.idleTimeoutMs)
  const drain = new Drain()

  const server = createHttpsServer({
    ...secureOptions(),
    SNICallback: (servername, done) => done(null, options.contexts.of(servername)),
    ALPNProtocols: ['h2', 'http/1.1'],
    ticketKeys: options.ticketKeys,
    handshakeTimeout: limits.handshakeTimeoutMs,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    // Bodies may take as long as they move; exchanges watch that they do.
    requestTimeout: 0,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: Math.min(5_000, limits.headersTimeoutMs),
    requireHostHeader: false,
    insecureHTTPParser: false,
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: (request: { method?: string; headers: { upgrade?: string } }) =>
      request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket',
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  } as Parameters<typeof createHttpsServer>[0])
  // One more than is allowed, so that too many are seen instead of cut off.
  server.maxHeadersCount = limits.headerCount + 1
  const http2 = createHttp2Server({
    settings: {
      maxConcurrentStreams: limits.streamsOfOneConnection,
      maxHeaderListSize: limits.headerBytes,
      initialWindowSize: 256 * 1024,
      enableConnectProtocol: true,
      enablePush: false,
    },
    maxHeaderListPairs: limits.headerCount + 5,
    maxSessionMemory: 10,
    streamResetBurst: 200,
    streamResetRate: 33,
  } as Parameters<typeof createHttp2Server>[0])

  const serveHttp1 = server.listeners('secureConnection')[0] as (socket: TLSSocket) => void
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', (socket) => {
    if (socket.alpnProtocol === 'h2') http2.emit('connection', socket)
    else serveHttp1.call(server, socket)
  })
  server.on('connection', (socket: Socket) => {
    const leave = drain.begun ? null : count.enter(socket.remoteAddress)
    if (leave === null) {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      leave()
    })
  })

  const arrive = (arrival: Arrival, downOf: (hasBody: boolean) => Downstream, done: () => void) => {
    const head = readRequestHead(arrival.client, options.probeToken)
    if ('refused' in head) {
      const down = downOf(true)
      down.onGone = done
      const asked = { method: arrival.client.method, accept: '', acceptLanguage: '' }
      sendNotice(down, { status: head.refused, about: 'refused', reason: head.because }, asked, '', true)
      return
    }
    const down = downOf(head.framing.kind !== 'none')
    down.onGone = done
    pass(arrival, head, down, done)
  }

  const pass = (arrival: Arrival, head: RequestHead, down: Downstream, done: () => void) => {
    const refused = (status: number, about: Notice['about']) =>
      sendNotice(down, { status, about }, head, parsed?.name ?? '', about === 'refused' || down.body !== null)
    const parsed = parseHost(head.hostText)
    if (parsed === null) {
      refused(400, 'refused')
      return
    }
    const host = parsed.port === null ? parsed.name : `${parsed.name}:${parsed.port}`
    const route = routeOf(parsed.name, options.domains)
    if (arrival.servername !== null && parsed.name !== arrival.servername) {
      refused(421, 'misdirected')
      return
    }
    if (route === null || (route.kind === 'plane' && isInternal(head.path))) {
      refused(404, 'unknown')
      return
    }
    const exchange = new Exchange(exchanges, down, {
      head,
      route,
      host,
      clientAddress: arrival.clientAddress,
      done,
    })
    exchange.begin()
  }

  /** Requests of one HTTP/1 connection are answered one after the other, also when they were sent at once. */
  const inTurn = (socket: Duplex, turn: Turn) => {
    const waiting = busy.get(socket)
    if (!waiting) {
      const line: Turn[] = []
      busy.set(socket, line)
      take(socket, line, turn)
    } else if (waiting.length < limits.pipelinedOfOneConnection) waiting.push(turn)
    else socket.destroy()
  }

  const take = (socket: Duplex, line: Turn[], turn: Turn | undefined) => {
    if (!turn || socket.destroyed) {
      busy.delete(socket)
      if (drain.begun) socket.end()
      return
    }
    const { response } = turn
    const leave = drain.enter(() => {
      if (!response.headersSent) response.shouldKeepAlive = false
    })
    turn.start(() => {
      take(socket, line, line.shift())
      leave()
    })
  }

  server.on('request', (request, response) => {
    const socket = request.socket as TLSSocket
    const arrival = arrivalOf(socket, {
      version: request.httpVersionMinor === 0 ? '1.0' : '1.1',
      method: request.method ?? '',
      target: request.url ?? '',
      rawHeaders: request.rawHeaders,
      authority: null,
      endsWithHead: false,
    })
    inTurn(socket, {
      response,
      start: (done) => arrive(arrival, (hasBody) => new H1Downstream(request, response, null, hasBody), done),
    })
  })
  // Without these two Node would answer by itself, and without our headers.
  server.on('checkContinue', (request, response) => server.emit('request', request, response))
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.on('upgrade', (request, socket: TLSSocket, rest) => {
    if (busy.has(socket)) {
      socket.destroy()
      return
    }
    const arrival = arrivalOf(socket, {
      version: '1.1',
      method: request.method ?? '',
      target: request.url ?? '',
      rawHeaders: request.rawHeaders,
      authority: null,
      endsWithHead: true,
    })
    const raw: RawSide = { socket, rest }
    const response = new ServerResponse(request)
    response.assignSocket(socket)
    response.on('finish', () => socket.end())
    socket.on('error', () => socket.destroy())
    inTurn(socket, {
      response,
      start: (done) => arrive(arrival, () => new H1Downstream(request, response, raw, false), done),
    })
  })
  server.on('connect', (_request, socket: Duplex) => endWith(socket, 405))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const status = busy.has(socket) || !socket.writable ? null : statusOf(error.code ?? '')
    if (status === null) socket.destroy()
    else endWith(socket, status)
  })

  http2.on('session', (session) => sessions.add(session))
  http2.on('sessionError', () => {})
  http2.on(
    'stream',
    (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, rawHeaders: string[]) => {
      const socket = stream.session?.socket as TLSSocket | undefined
      if (!socket) return
      const leaveSession = sessions.enter(stream)
      const leaveDrain = drain.enter(() => {})
      const leave = () => {
        leaveSession()
        leaveDrain()
      }
      const tunnels = headers[':method'] === 'CONNECT' && headers[':protocol'] === 'websocket'
      const arrival = arrivalOf(socket, {
        version: '2',
        method: tunnels ? 'GET' : (headers[':method'] ?? ''),
        target: headers[':path'] ?? '',
        rawHeaders: tunnels
          ? [
              ...rawHeaders,
              'connection',
              'upgrade',
              'upgrade',
              'websocket',
              'sec-websocket-key',
              newWebSocketKey(),
            ]
          : rawHeaders,
        authority: headers[':authority'] ?? null,
        endsWithHead: tunnels || (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0,
      })
      if (headers[':scheme'] !== 'https') arrival.client.method = ''
      arrive(arrival, (hasBody) => new H2Downstream(stream, hasBody, tunnels), leave)
    },
  )

  const ticker = setInterval(() => {
    const nowMs = exchanges.monotonic()
    for (const exchange of exchanges.active) exchange.tick(nowMs)
    sessions.tick()
  }, 1_000).unref()

  return {
    server,
    async close(drainMs) {
      const ended = drain.begin(drainMs)
      server.closeIdleConnections()
      sessions.close()
      await ended
      for (const exchange of exchanges.active) exchange.abort()
      const linger = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, lingerMs)
      await Promise.all([...sockets].map((socket) => new Promise((gone) => socket.once('close', gone))))
      clearTimeout(linger)
      // Last of all: a connection that the first process hands to a closed server is neither served nor ended.
      await new Promise((closed) => server.close(closed))
      clearInterval(ticker)
    },
  }
}

function arrivalOf(socket: TLSSocket, client: ClientRequest): Arrival {
  return { client, servername: servernameOf(socket), clientAddress: addressOf(socket.remoteAddress) }
}

/**
 * The name that the client asked for in its handshake. OpenSSL forgets it where a TLS 1.2 session is resumed: null then, and
 * the request's own host is believed, since a client resumes a session only with the name it was made for.
 */
function servernameOf(socket: TLSSocket): string | null {
  const { servername } = socket as TLSSocket & { servername?: string | false | null }
  if (servername) return servername.toLowerCase()
  return socket.isSessionReused() && socket.getProtocol() === 'TLSv1.2' ? null : ''
}

/** What the plane's processes say to each other is nobody's business outside; also when it is spelt differently. */
function isInternal(path: string): boolean {
  try {
    const plain = decodeURIComponent(path.split('?', 1)[0]!)
    const { pathname } = new URL(plain.replace(/[\\/]+/g, '/'), 'https://plane.invalid')
    return /^\/internal(\/|$)/i.test(pathname)
  } catch {
    return true
  }
}

/** The status for a request that Node's parser gave up on; null when it was no HTTP at all. */
function statusOf(code: string): number | null {
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  return code.startsWith('HPE_') ? 400 : null
}

function endWith(socket: Duplex, status: number): void {
  const title = { 400: 'Bad Request', 405: 'Method Not Allowed', 408: 'Request Timeout' }[status] ?? 'Refused'
  const body = JSON.stringify({ type: 'about:blank', title, status })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${body.length}\r\nstrict-transport-security: ${HSTS}\r\nconnection: close\r\n\r\n${body}`,
  )
}
