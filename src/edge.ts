import { openLocalIssuer } from './drivers/certificates/local/local-ca.ts'
import { fingerprint } from './edge/certificates.ts'
import { startEdge } from './edge/edge.ts'
import { createServerLink } from './edge/server-link.ts'
import { onShutdown, readBoot, reportReady, secretOf } from './kernel/boot.ts'
import { systemClock } from './kernel/clock.ts'
import { layout } from './kernel/layout.ts'
import { createLogger } from './kernel/log.ts'

const boot = readBoot()
const logger = createLogger('edge')
const serverSocket = layout.serverSocket(boot.dataDir)
const ca = { certPem: secretOf(boot, 'caCert'), keyPem: secretOf(boot, 'caKey') }
const link = createServerLink({ socketPath: serverSocket, token: secretOf(boot, 'edgeToken') })

const edge = await startEdge({
  domains: boot.config,
  bindAddress: boot.config.bindAddress,
  httpsPort: boot.config.httpsPort,
  httpPort: boot.config.httpPort,
  serverSocket,
  probeToken: boot.secrets.probeToken ?? '',
  ask: link.ask,
  report: link.report,
  issuer: () => openLocalIssuer(ca),
  authority: fingerprint(ca.certPem),
  certificatesFolder: layout.edge(boot.dataDir),
  clock: systemClock,
  logger,
})
onShutdown(() => edge.close())
reportReady()
