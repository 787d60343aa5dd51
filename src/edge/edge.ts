import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import type { CertificateIssuer } from '../drivers/certificates/contract/issuer.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import { ActivityBook } from './activity.ts'
import { certificateFor } from './certificates.ts'
import { createFront } from './front.ts'
import { type Domains, zonesOf } from './host.ts'
import { type AskServer, Names } from './names.ts'
import { createRedirectServer } from './redirect.ts'
import { reportActivity } from './server-link.ts'
import { Contexts, newTicketKeys } from './tls.ts'
import { Upstreams } from './upstream.ts'

export type EdgeOptions = {
  domains: Domains
  bindAddress: string
  httpsPort: number
  httpPort: number
  serverSocket: string
  probeToken: string
  ask: AskServer
  report: (items: import('./activity.ts').ActivityItem[]) => Promise<void>
  /** Who issues, opened only when a certificate is due; `authority` tells issuers apart. */
  issuer: () => Promise<CertificateIssuer>
  authority: string
  certificatesFolder: string
  clock: Clock
  logger: Logger
}

export type Edge = { httpsPort: number; httpPort: number; close(): Promise<void> }

const drainMs = 5_000
const ticketKeysEveryMs = 6 * 3_600_000
const certificatesEveryMs = 3_600_000
const recordedCookies = 10_000

/** Starts both listeners with certificates for every zone; resolves when both take connections. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { clock, logger } = options
  const contexts = new Contexts(options.domains)
  await renewCertificates(options, contexts)
  const upstreams = new Upstreams()
  const activity = new ActivityBook(() => clock.now())
  const recorded = new Set<string>()
  const front = createFront({
    domains: options.domains,
    probeToken: options.probeToken,
    contexts,
    ticketKeys: newTicketKeys(),
    exchanges: {
      upstreams,
      activity,
      names: new Names(options.ask),
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
  const redirect = createRedirectServer(options.domains, () => httpsPort)
  let httpsPort = options.httpsPort
  httpsPort = await listen(front.server, options.httpsPort, options.bindAddress)
  const httpPort = await listen(redirect, options.httpPort, options.bindAddress)
  const second =
    options.bindAddress === '127.0.0.1'
      ? [await listenToo(front.server, httpsPort), await listenToo(redirect, httpPort)]
      : []
  const stopReports = reportActivity(activity, options.report, logger)
  const tickets = setInterval(() => front.server.setTicketKeys(newTicketKeys()), ticketKeysEveryMs)
  const renewals = setInterval(() => {
    renewCertificates(options, contexts).catch((error: unknown) =>
      logger.error('certificates could not be renewed', { error }),
    )
  }, certificatesEveryMs)
  return {
    httpsPort,
    httpPort,
    async close() {
      clearInterval(tickets)
      clearInterval(renewals)
      for (const listener of second) listener?.close()
      redirect.close()
      redirect.closeAllConnections()
      await front.close(drainMs)
      await stopReports()
      upstreams.close()
    },
  }
}

async function renewCertificates(options: EdgeOptions, contexts: Contexts): Promise<void> {
  for (const zone of zonesOf(options.domains)) {
    const certificate = await certificateFor({
      names: [`*.${zone}`],
      folder: options.certificatesFolder,
      authority: options.authority,
      issuer: options.issuer,
      nowMs: options.clock.now(),
    })
    contexts.use(zone, certificate)
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
