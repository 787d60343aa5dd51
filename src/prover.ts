import { recordInTransaction } from './changes/outbox.ts'
import { singleTenant } from './domains/data-security/isolation/pledges.ts'
import { isolationRounds } from './domains/data-security/isolation/rounds.ts'
import { pinned } from './domains/data-security/location/pledges.ts'
import { regionIn } from './domains/data-security/location/routes.ts'
import { pfsHsts, tls } from './domains/data-security/transport/pledges.ts'
import { fiveStreams } from './domains/operational-security/logs/pledges.ts'
import type { LogEyes } from './domains/operational-security/logs/prove.ts'
import { createStreamEyes } from './domains/operational-security/logs/streams/local-eyes.ts'
import { createLocalDisks } from './drivers/disks/local/local-disks.ts'
import { createAskProbe } from './drivers/instances/local/ask-probe.ts'
import { createLocalProber } from './drivers/instances/local/local-prober.ts'
import { createLocalStores } from './drivers/instances/local/local-stores.ts'
import { createLocalWeb } from './drivers/web/local/local-web.ts'
import { createHttpWitness } from './drivers/witnesses/http/http-witness.ts'
import { everPromised, promisedRegions, servedHosts } from './fleet/instances/store.ts'
import { onShutdown, readBoot, reportReady, secretOf } from './kernel/boot.ts'
import { systemClock } from './kernel/clock.ts'
import { openDatabase } from './kernel/db.ts'
import { openWorldClock } from './kernel/demo-clock.ts'
import { runJobs } from './kernel/jobs.ts'
import { layout } from './kernel/layout.ts'
import { createLogger } from './kernel/log.ts'
import { unixRequest } from './kernel/unix-request.ts'
import { witnessesOf } from './kernel/witnesses.ts'
import { createLedgerClient } from './ledger/client/client.ts'
import { isIntact } from './plane/attestations/evidence.ts'
import { attestationsAgreedTo, attestationsInForce } from './pledges/attestations/store.ts'
import { pledgesInForce } from './pledges/in-force.ts'
import { proofJob } from './pledges/runner.ts'
import { overviewInForce, requestProof } from './pledges/store.ts'
import { proofsOf } from './proofs.ts'
import { REGISTER } from './register.ts'

/*
 * The prover process: looks at the world with credentials that can only read, and writes down what it found. It can change
 * verdicts and nothing else.
 */
const boot = readBoot()
const logger = createLogger(boot.process)
const { dataDir } = boot
const { db, close } = openDatabase(secretOf(boot, 'dbUrl'), { maxConnections: 6 })
const foldersWithData = [
  layout.plane(dataDir),
  layout.ledger(dataDir),
  layout.keyring(dataDir),
  layout.instances(dataDir),
]

const time = await openWorldClock({ demo: boot.config.demo, db, url: secretOf(boot, 'dbUrl'), logger })
const { planeDomain, httpsPort, bindAddress } = boot.config
const address = bindAddress === '0.0.0.0' || bindAddress === '::' ? '127.0.0.1' : bindAddress
const planeHosts = ['console', 'portal', 'trust'].map((name) => `${name}.${planeDomain}`)
const transport = {
  web: createLocalWeb({ ca: secretOf(boot, 'caCert'), probeToken: secretOf(boot, 'probeToken') }),
  hosts: async () => [
    ...planeHosts.map((name) => ({
      address,
      port: httpsPort,
      name,
      paths: ['/', '/console', '/nothing-here'],
    })),
    ...(await servedHosts(db)).map((name) => ({ address, port: httpsPort, name })),
  ],
  mailAddress: address,
  // Certificates live by the machine's clock, however far a demo's is ahead.
  clock: systemClock,
}

const evidence = layout.evidence(dataDir)
const attestations = {
  agreedTo: (pledge: string, nowMs: number) => attestationsAgreedTo(db, pledge, nowMs),
  isIntact: (sha256: string) => isIntact(evidence, sha256),
}

const askProbe = createAskProbe({ dataDir, token: secretOf(boot, 'probeWardenToken') })
const prober = createLocalProber(dataDir, askProbe)
const isolation = {
  db,
  clock: time.clock,
  prober,
  async population() {
    const [registered, present] = await Promise.all([promisedRegions(db), prober.present()])
    const ids = registered.filter(({ observed }) => observed !== 'absent').map(({ id }) => id)
    return [...new Set([...ids, ...present])]
  },
}

const stores = createLocalStores(askProbe)
const location = {
  db,
  clock: time.clock,
  stores,
  promised: () => everPromised(db),
  places: async (nowMs: number) =>
    (await attestationsInForce(db, pinned.id, nowMs)).map((one) => ({
      region: regionIn(one.subject),
      isSimulated: one.simulated,
    })),
}

const inForce = async () => pledgesInForce(REGISTER, await overviewInForce(db))
const ledgerToken = secretOf(boot, 'ledgerToken')
const socketPath = layout.ledgerSocket(dataDir)
const ledger = createLedgerClient({ socketPath, token: ledgerToken })
const log: LogEyes = {
  ledger,
  logKey: secretOf(boot, 'logKey'),
  witnesses: witnessesOf(boot.config, dataDir).map((one) => ({ ...one, reader: createHttpWitness(one.url) })),
  clock: systemClock,
  probeLogStore: () => askProbe({ kind: 'log-store' }),
  segments: () => stores.list('segments'),
  async tryWord(method, path) {
    const headers = { authorization: `Bearer ${ledgerToken}` }
    return (await unixRequest({ socketPath, method, path, headers, body: method === 'GET' ? undefined : {} }))
      .status
  },
}

const streams = createStreamEyes({
  db,
  clock: systemClock,
  ledger,
  probeStreams: (instances) => askProbe({ kind: 'streams', instances }),
})

const jobs = runJobs({
  url: secretOf(boot, 'dbUrl'),
  logger,
  jobs: [
    proofJob({
      db,
      clock: time.clock,
      logger,
      proofs: proofsOf({
        disks: createLocalDisks(),
        foldersWithData,
        transport,
        attestations,
        log,
        streams,
        isolation,
        location,
      }),
      inForce,
      log: (tx, { key, type, event }, now) =>
        recordInTransaction(
          tx,
          [{ key, type, event, stream: 'audit', subject: 'plane', region: 'plane' }],
          now,
        ),
    }),
    isolationRounds(
      isolation,
      async () => (await inForce()).find(({ pledge }) => pledge.id === singleTenant.id)!.everyMs,
      // What is said of every instance is said anew when there is another one.
      async () => {
        for (const { id } of [singleTenant, pinned, fiveStreams, tls, pfsHsts])
          await requestProof(db, id, time.clock.now())
      },
    ),
  ],
})
reportReady()
onShutdown(async () => {
  await jobs.stop()
  await time.stop()
  await close()
})
