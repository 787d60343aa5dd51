import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startPostgres } from '../../../test/support/postgres.ts'
import { createApiClient } from '../../api-client/client.ts'
import { createApp } from '../../app.ts'
import { relayOutbox } from '../../changes/outbox.ts'
import {
  createSimulatedInstances,
  type SimulatedFaults,
} from '../../drivers/instances/simulated/simulated-instances.ts'
import { openKeyStore } from '../../drivers/kms/contract/key-store.ts'
import { createLocalKms } from '../../drivers/kms/local/local-kms.ts'
import { urlMaker } from '../../fleet/address.ts'
import { settleJob } from '../../fleet/instances/jobs.ts'
import { handoverKey } from '../../fleet/instances/secrets.ts'
import { systemClock } from '../../kernel/clock.ts'
import { openDatabase } from '../../kernel/db.ts'
import { createHttpServer, listenUnix } from '../../kernel/http.ts'
import { runJobs } from '../../kernel/jobs.ts'
import { layout } from '../../kernel/layout.ts'
import type { Logger } from '../../kernel/log.ts'
import { createLedgerClient } from '../../ledger/client/client.ts'
import { openLog } from '../../ledger/server/log.ts'
import { addRoutes } from '../../ledger/server/routes.ts'
import { createAuthoriser } from '../../ledger/server/tokens.ts'
import { createCheckpointSigner } from '../../ledger/tree/checkpoint.ts'
import { stillFeed } from '../../plane/change-feed.ts'

const silent: Logger = { info() {}, warn() {}, error() {} }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

export type Plane = {
  /** As `borgen --data` takes it. */
  dataDir: string
  /** How instances fail. */
  faults: SimulatedFaults
  /** The log stops answering, and answers again. */
  stopLog(): Promise<void>
  startLog(): Promise<void>
  stop(): Promise<void>
}

/**
 * The product in this process, for tests of its clients: the real server, log, reconciler and database, on the sockets of a data
 * folder; instances alone are simulated.
 */
export async function startPlane(): Promise<Plane> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bcli-'))
  for (const file of [layout.serverSocket(dataDir), layout.ledgerSocket(dataDir), layout.processes(dataDir)])
    mkdirSync(dirname(file), { recursive: true })
  mkdirSync(layout.releases(dataDir))
  mkdirSync(layout.evidence(dataDir))
  const config = {
    worldId: 'w0',
    demo: false,
    planeDomain: 'borgen.localhost',
    appsDomain: 'apps.localhost',
    httpsPort: 8443,
    httpPort: 8080,
    bindAddress: '127.0.0.1',
  }
  writeFileSync(layout.config(dataDir), JSON.stringify(config))
  writeFileSync(
    layout.processes(dataDir),
    JSON.stringify({
      processes: [
        { name: 'server', state: 'ready', pid: 7, uid: 0, restarts: 0, since: '2026-11-23T09:00:00.000Z' },
      ],
    }),
  )

  const postgres = await startPostgres()
  const { db, close } = openDatabase(postgres.urlAs('borgen_server'))
  const worker = openDatabase(postgres.urlAs('borgen_worker'))
  const ledgerToken = randomBytes(24).toString('base64url')
  const rootKey = randomBytes(32)
  const startLedger = async () => {
    const folder = layout.ledger(dataDir)
    const kms = createLocalKms({ key: 'ledger', rootKeys: [{ version: 1, key: rootKey }] })
    const log = await openLog({
      folder,
      keys: openKeyStore({ folder: join(folder, 'keys'), kms, purpose: 'log' }),
      secret: rootKey,
      signer: createCheckpointSigner('borgen.localhost/log/w0', rootKey.toString('base64')),
      clock: systemClock,
      freeLimitBytes: 0,
    })
    const app = createHttpServer({ logger: silent })
    addRoutes(
      app,
      log,
      createAuthoriser({ [sha256(ledgerToken)]: { process: 'test', may: ['append', 'read'] } }),
    )
    await listenUnix(app, layout.ledgerSocket(dataDir), 0o600)
    return async () => {
      await app.close()
      await log.close()
    }
  }
  let stopLedger: (() => Promise<void>) | undefined = await startLedger()

  const ledger = createLedgerClient({ socketPath: layout.ledgerSocket(dataDir), token: ledgerToken })
  const handover = randomBytes(32).toString('base64')
  const setupToken = randomBytes(24).toString('base64url')
  const app = await createApp({
    db,
    clock: systemClock,
    logger: silent,
    ledger,
    config,
    processTokens: { [sha256(setupToken)]: 'supervisor' },
    handover,
    releases: layout.releases(dataDir),
    processesFile: layout.processes(dataDir),
    overviewFile: layout.publishedOverview(dataDir),
    evidence: layout.evidence(dataDir),
    consoleFiles: layout.consoleFiles(dataDir),
    awaitInstanceChange: async () => {},
    feed: stillFeed,
  })
  await listenUnix(app, layout.serverSocket(dataDir), 0o600)

  const faults: SimulatedFaults = {}
  const settle = settleJob({
    db: worker.db,
    clock: systemClock,
    logger: silent,
    driver: createSimulatedInstances(systemClock, faults),
    keys: openKeyStore({
      folder: layout.keyring(dataDir),
      kms: createLocalKms({ key: 'instances', rootKeys: [{ version: 1, key: rootKey }] }),
      purpose: 'instance',
    }),
    handover: handoverKey(handover),
    urlOf: urlMaker(config),
  })
  const jobs = runJobs({
    url: postgres.urlAs('borgen_worker'),
    logger: silent,
    jobs: [
      settle.job,
      {
        name: 'outbox',
        everyMs: 200,
        run: () => relayOutbox({ db: worker.db, append: (entries) => ledger.append(entries) }),
      },
    ],
  })

  const setup = await createApiClient({
    place: { socketPath: layout.serverSocket(dataDir) },
    token: setupToken,
  })
  const made = await setup.post('/v1/tokens', {
    body: { name: 'CLI', scopes: ['*'], role: 'owner', days: 1 },
  })
  writeFileSync(layout.cliToken(dataDir), `${made.token}\n`, { mode: 0o600 })

  const stopLog = async () => {
    await stopLedger?.()
    stopLedger = undefined
  }
  return {
    dataDir,
    faults,
    stopLog,
    async startLog() {
      stopLedger ??= await startLedger()
    },
    async stop() {
      await jobs.stop()
      await settle.idle()
      await app.close()
      await stopLog()
      await worker.close()
      await close()
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
