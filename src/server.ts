import { createApp } from './app.ts'
import { sweepAbandoned } from './changes/outbox.ts'
import { everythingDue } from './demo/due.ts'
import { prepareDemoPromises } from './demo/overview.ts'
import type { DemoParts } from './demo/routes.ts'
import { createSaboteurClient } from './demo/saboteur-client.ts'
import { INSTANCE_CHANNEL } from './fleet/instances/model.ts'
import { onShutdown, readBoot, reportReady, secretOf } from './kernel/boot.ts'
import { createWaiters } from './kernel/change-waiters.ts'
import { systemClock } from './kernel/clock.ts'
import { openDatabase } from './kernel/db.ts'
import { openWorldClock } from './kernel/demo-clock.ts'
import { listenUnix } from './kernel/http.ts'
import { earliestDue } from './kernel/jobs.ts'
import { layout } from './kernel/layout.ts'
import { createLogger } from './kernel/log.ts'
import { listenFor } from './kernel/signals.ts'
import { witnessesOf } from './kernel/witnesses.ts'
import { createLedgerClient } from './ledger/client/client.ts'
import { createChangeFeed } from './plane/change-feed.ts'
import { followLog } from './plane/overview/restore.ts'
import { REGISTER } from './register.ts'

const boot = readBoot()
const logger = createLogger(boot.process)
const { db, close } = openDatabase(secretOf(boot, 'dbUrl'), { maxConnections: 16 })
const time = await openWorldClock({
  demo: boot.config.demo,
  db,
  url: secretOf(boot, 'dbUrl'),
  logger,
})
const waiters = createWaiters()
const listener = listenFor({
  url: secretOf(boot, 'dbUrl'),
  channel: INSTANCE_CHANNEL,
  logger,
  onSignal: (instance) => waiters.announce(instance),
})

// A world has one server: intentions that are still open were its predecessor's, and cannot be carried out any more.
await sweepAbandoned({ db, clock: systemClock, olderThanMs: 0 })

const ledger = createLedgerClient({
  socketPath: layout.ledgerSocket(boot.dataDir),
  token: secretOf(boot, 'ledgerToken'),
})
// The log leads: what the database holds of overviews is its projection, and may have been set back.
await followLog({ db, ledger, clock: time.clock, logger, register: REGISTER }).catch((error: unknown) => {
  logger.error('overviews could not be compared with the log; they are at the next start', { error })
})
if (boot.config.demo) await prepareDemoPromises({ db, ledger, clock: time.clock })

const feed = createChangeFeed({
  url: secretOf(boot, 'dbUrl'),
  logger,
  processesFile: layout.processes(boot.dataDir),
  logSize: async () => (await ledger.health()).size,
})

const app = await createApp({
  db,
  clock: time.clock,
  logger,
  ledger,
  config: boot.config,
  processTokens: {
    [secretOf(boot, 'edgeTokenSha256')]: 'edge',
    [secretOf(boot, 'setupTokenSha256')]: 'supervisor',
  },
  handover: secretOf(boot, 'handoverKey'),
  releases: layout.releases(boot.dataDir),
  consoleFiles: layout.consoleFiles(boot.dataDir),
  processesFile: layout.processes(boot.dataDir),
  overviewFile: layout.publishedOverview(boot.dataDir),
  evidence: layout.evidence(boot.dataDir),
  awaitInstanceChange: waiters.wait,
  witnesses: witnessesOf(boot.config, boot.dataDir),
  ...(boot.config.demo ? { demo: demoParts() } : {}),
  feed,
})
await listenUnix(app, layout.serverSocket(boot.dataDir), 0o660)
reportReady()
onShutdown(async () => {
  await app.close()
  await Promise.all([listener.stop(), feed.stop(), time.stop()])
  await close()
})

function demoParts(): DemoParts {
  const due = everythingDue(db)
  return {
    saboteur: createSaboteurClient({
      socketPath: layout.saboteurSocket(boot.dataDir),
      token: secretOf(boot, 'saboteurToken'),
    }),
    nextDue: (now) => earliestDue(due, now),
  }
}
