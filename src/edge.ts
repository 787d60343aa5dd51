import { availableParallelism } from 'node:os'
import { ActivityReport } from './edge/activity-report.ts'
import { fingerprint, zoneCertificates } from './edge/certificates.ts'
import { zonesOf } from './edge/host.ts'
import { createServerLink } from './edge/server-link.ts'
import { newTicketKeys } from './edge/tls.ts'
import { startWorkers } from './edge/workers.ts'
import { onShutdown, readBoot, reportReady, secretOf } from './kernel/boot.ts'
import { systemClock } from './kernel/clock.ts'
import { layout } from './kernel/layout.ts'
import { createLogger } from './kernel/log.ts'

/** More would only take memory from the instances. */
const maxWorkers = 4
const reportEveryMs = 5_000
/** Also how soon one is used that somebody puts into the folder. */
const certificatesEveryMs = 5_000
const ticketKeysEveryMs = 6 * 3_600_000

const boot = readBoot()
const logger = createLogger('edge')
const serverSocket = layout.serverSocket(boot.dataDir)
const edgeToken = secretOf(boot, 'edgeToken')
const ca = { certPem: secretOf(boot, 'caCert'), keyPem: secretOf(boot, 'caKey') }
const { planeDomain, appsDomain, bindAddress, httpsPort, httpPort } = boot.config
const domains = { planeDomain, appsDomain }

const currentCertificates = () =>
  zoneCertificates(zonesOf(domains), {
    folder: layout.edge(boot.dataDir),
    authority: fingerprint(ca.certPem),
    // Loaded only when a certificate is due: it is large.
    issuer: async () => (await import('./drivers/certificates/local/local-ca.ts')).openLocalIssuer(ca),
    nowMs: systemClock.now(),
  })

let certificates = await currentCertificates()
let ticketKeys = newTicketKeys().toString('hex')
const link = createServerLink({ socketPath: serverSocket, token: edgeToken })
const report = new ActivityReport(link.report, systemClock, logger)
const workers = await startWorkers({
  count: Math.min(maxWorkers, availableParallelism()),
  start: () => ({
    kind: 'start',
    domains,
    bindAddress,
    httpsPort,
    httpPort,
    serverSocket,
    edgeToken,
    probeToken: boot.secrets.probeToken ?? '',
    certificates,
    ticketKeys,
  }),
  onActivity: (workerId, items) => report.hear(workerId, items),
  logger,
})

setInterval(() => void report.deliver(), reportEveryMs)
setInterval(() => {
  ticketKeys = newTicketKeys().toString('hex')
  workers.tell({ kind: 'tickets', ticketKeys })
}, ticketKeysEveryMs)
setInterval(async () => {
  try {
    const current = await currentCertificates()
    if (current.every(({ certPem }, at) => certPem === certificates[at]?.certPem)) return
    certificates = current
    workers.tell({ kind: 'certificates', certificates })
  } catch (error) {
    logger.error('certificates could not be renewed', { error })
  }
}, certificatesEveryMs)

onShutdown(async () => {
  await workers.stop()
  await report.deliver()
})
reportReady()
