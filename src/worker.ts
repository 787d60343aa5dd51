import { expireDue } from './changes/expire-approvals.ts'
import { type AppendToLog, relayOutbox, sweepAbandoned } from './changes/outbox.ts'
import { advanceJob } from './demo/advance.ts'
import { lapses } from './demo/due.ts'
import { witnessJob } from './domains/operational-security/logs/index.ts'
import { createLocalInstanceDriver } from './drivers/instances/local/local-driver.ts'
import { createLocalOutput } from './drivers/instances/local/local-output.ts'
import { createLocalUsageReader } from './drivers/instances/local/local-usage.ts'
import { openKeyStore } from './drivers/kms/contract/key-store.ts'
import { createLocalKms, parseRootKeys } from './drivers/kms/local/local-kms.ts'
import { createHttpWitness } from './drivers/witnesses/http/http-witness.ts'
import { urlMaker } from './fleet/address.ts'
import { recordEgress, reopenEgress } from './fleet/instances/egress.ts'
import { driftJob, scheduleJob, settleJob, sleepJob } from './fleet/instances/jobs.ts'
import { handoverKey } from './fleet/instances/secrets.ts'
import { outputJob } from './fleet/output/jobs.ts'
import { sampleJob, sweepSamplesJob } from './fleet/resources/jobs.ts'
import { onShutdown, readBoot, reportReady, secretOf } from './kernel/boot.ts'
import { systemClock } from './kernel/clock.ts'
import { openDatabase } from './kernel/db.ts'
import { openWorldClock } from './kernel/demo-clock.ts'
import { type Job, runJobs } from './kernel/jobs.ts'
import { layout } from './kernel/layout.ts'
import { createLogger } from './kernel/log.ts'
import { witnessesOf } from './kernel/witnesses.ts'
import { createLedgerClient } from './ledger/client/client.ts'

const OPEN_CHANGE_LIMIT_MS = 60_000

const boot = readBoot()
const logger = createLogger(boot.process)
const url = secretOf(boot, 'dbUrl')
const { db, close } = openDatabase(url, { maxConnections: 16 })
const time = await openWorldClock({ demo: boot.config.demo, db, url, logger })
const ledger = createLedgerClient({
  socketPath: layout.ledgerSocket(boot.dataDir),
  token: secretOf(boot, 'ledgerToken'),
})
const kms = createLocalKms({ key: 'instances', rootKeys: parseRootKeys(secretOf(boot, 'keyringRoot')) })
const driver = createLocalInstanceDriver({
  dataDir: boot.dataDir,
  token: secretOf(boot, 'wardenToken'),
  recordEgress: (seen) =>
    void recordEgress({ db, clock: time.clock }, seen).catch((error: unknown) =>
      logger.error('a connection of an instance was not recorded', { ...seen, error }),
    ),
})
const acts = {
  db,
  clock: time.clock,
  logger,
  driver,
  keys: openKeyStore({ folder: layout.keyring(boot.dataDir), kms, purpose: 'instance' }),
  handover: handoverKey(secretOf(boot, 'handoverKey')),
  urlOf: urlMaker(boot.config),
}

const append: AppendToLog = (entries) => ledger.append(entries)
const settle = settleJob(acts)
const all: Job[] = [
  settle.job,
  sleepJob(acts),
  scheduleJob(acts),
  driftJob(acts, settle.isBusy),
  sampleJob({ db, clock: systemClock, usage: createLocalUsageReader({ dataDir: boot.dataDir }) }),
  sweepSamplesJob({ db, clock: systemClock }),
  outputJob({
    db,
    clock: systemClock,
    logger,
    output: createLocalOutput({ dataDir: boot.dataDir }),
    append,
  }),
  witnessJob({
    db,
    clock: systemClock,
    logger,
    ledger,
    witnesses: witnessesOf(boot.config, boot.dataDir).map((one) => ({
      ...one,
      writer: createHttpWitness(one.url),
    })),
  }),
  { name: 'approvals', everyMs: 30_000, run: () => expireDue({ db, clock: time.clock }) },
  { name: 'outbox', everyMs: 1000, run: () => relayOutbox({ db, append }) },
  {
    name: 'abandoned',
    everyMs: 10_000,
    run: () => sweepAbandoned({ db, clock: systemClock, olderThanMs: OPEN_CHANGE_LIMIT_MS }),
  },
]
const jobs = runJobs({ url, logger, jobs: all })
const settled = async () => {
  await jobs.pass()
  await settle.idle()
}
const advances = boot.config.demo
  ? runJobs({
      url,
      logger,
      jobs: [advanceJob({ db, clock: time.clock, logger, jobs: [...all, ...lapses(db)], settled })],
    })
  : undefined
reportReady()
void reopenEgress(acts)
onShutdown(async () => {
  await advances?.stop()
  await jobs.stop()
  await time.stop()
  await settle.idle()
  await driver.close()
  await close()
})
