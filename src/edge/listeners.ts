import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import { ActivityBook } from './activity.ts'
import { createFront } from './front.ts'
import type { Domains } from './host.ts'
import { LIMITS, type Limits } from './limits.ts'
import { type AskServer, Names } from './names.ts'
import { createRedirectServer } from './redirect.ts'
import { Contexts, type ZoneCertificate } from './tls.ts'
import { Upstreams } from './upstream.ts'

export type ListenerOptions = {
  domains: Domains
  bindAddress: string
  /** 0 takes any free one. */
  httpsPort: number
  httpPort: number
  serverSocket: string
  probeToken: string
  certificates: readonly ZoneCertificate[]
  ticketKeys: Buffer
  ask: AskServer
  clock: Clock
  logger: Logger
  /** Other times than the usual ones, for tests. */
  limits?: Partial<Limits>
}

export type Listeners = {
  httpsPort: number
  httpPort: number
  activity: ActivityBook
  useCertificates(certificates: readonly ZoneCertificate[]): void
  useTicketKeys(keys: Buffer): void
  /** Drops new connections at once, lets what runs end for up to 5 s, then breaks it off. */
  close(): Promise<void>
}

const drainMs = 5_000
const recordedCookies = 10_000

/** Listens for HTTPS and HTTP in this process; resolves when both take connections. */
export async function startListeners(options: ListenerOptions): Promise<Listeners> {
  const { clock, logger } = options
  const limits = { ...LIMITS, ...options.limits }
  const contexts = new Contexts(options.domains)
  contexts.use(options.certificates)
  const upstreams = new Upstreams()
  const activity = new ActivityBook(() => clock.now())
  const recorded = new Set<string>()
  const front = createFront({
    domains: options.domains,
    probeToken: options.probeToken,
    contexts,
    ticketKeys: options.ticketKeys,
    limits,
    exchanges: {
      limits,
      upstreams,
      activity,
      names: new Names(options.ask, (socket) => upstreams.dropInstance(socket)),
      serverSocket: options.serverSocket,
      active: new Set(),
      monotonic: () => performance.now(),
      onCookieRefused(host, cookie) {
        const key = `${host} ${cookie}`
        if (recorded.has(key) || recorded.size >= recordedCookies) return
        recorded.add(key)
        logger.warn('cookie wider than its host refused', { host, cookie })
      },
      onUpstreamFault: (host, because) => logger.warn('upstream did not answer properly', { host, because }),
    },
  })
  let httpsPort = options.httpsPort
  let closing = false
  const redirect = createRedirectServer(options.domains, () => httpsPort, limits)
  redirect.on('connection', (socket) => closing && socket.destroy())
  httpsPort = await listen(front.server, options.httpsPort, options.bindAddress)
  const httpPort = await listen(redirect, options.httpPort, options.bindAddress)
  const second: (TcpServer | null)[] = []
  if (options.bindAddress === '127.0.0.1')
    second.push(await listenToo(front.server, httpsPort), await listenToo(redirect, httpPort))
  return {
    httpsPort,
    httpPort,
    activity,
    useCertificates: (certificates) => contexts.use(certificates),
    useTicketKeys: (keys) => front.server.setTicketKeys(keys),
    async close() {
      closing = true
      await front.close(drainMs)
      for (const listener of second) listener?.close()
      redirect.close()
      redirect.closeAllConnections()
      upstreams.close()
    },
  }
}

function listen(server: TcpServer, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

/** Listens on ::1 as well and hands the connections over; null where there is no IPv6. */
async function listenToo(server: TcpServer, port: number): Promise<TcpServer | null> {
  const listener = createTcpServer({ noDelay: true, keepAlive: true }, (socket) =>
    server.emit('connection', socket),
  )
  try {
    await listen(listener, port, '::1')
    return listener
  } catch {
    return null
  }
}
