import { join } from 'node:path'
import { openKeyStore } from './drivers/kms/contract/key-store.ts'
import { createLocalKms, parseRootKeys } from './drivers/kms/local/local-kms.ts'
import { onShutdown, REFUSES_TO_START, readBoot, reportReady, secretOf } from './kernel/boot.ts'
import { systemClock } from './kernel/clock.ts'
import { isAppError } from './kernel/errors.ts'
import { createHttpServer, listenUnix } from './kernel/http.ts'
import { layout } from './kernel/layout.ts'
import { createLogger } from './kernel/log.ts'
import { witnessesOf } from './kernel/witnesses.ts'
import { openCosigned } from './ledger/server/cosigned.ts'
import { foundWorld } from './ledger/server/founding.ts'
import { openLog } from './ledger/server/log.ts'
import { plantSegment } from './ledger/server/planted.ts'
import { addRoutes } from './ledger/server/routes.ts'
import { createAuthoriser, parseTokens } from './ledger/server/tokens.ts'
import { addWitnessRoutes } from './ledger/server/witness-routes.ts'
import { createCheckpointSigner } from './ledger/tree/checkpoint.ts'

/*
 * The ledger process. Its secrets: `rootKey` (32 bytes, base64), `signingKey` (Ed25519 seed or PKCS #8, base64) and
 * `tokens` (JSON: SHA-256 of a token in hex → {process, may}).
 */
const boot = readBoot()
const logger = createLogger(boot.process)
const folder = layout.ledger(boot.dataDir)
const rootKeys = parseRootKeys(secretOf(boot, 'rootKey'))
const kms = createLocalKms({ key: 'ledger', rootKeys })
const log = await openLog({
  folder,
  keys: openKeyStore({ folder: join(folder, 'keys'), kms, purpose: 'log' }),
  secret: rootKeys[0]!.key,
  signer: createCheckpointSigner(
    `${boot.config.planeDomain}/log/${boot.config.worldId}`,
    secretOf(boot, 'signingKey'),
  ),
  clock: systemClock,
  onProblem: (message, error) => logger.error(message, { error }),
})
const { refusing, size } = log.state()
if (refusing !== undefined) logger.error('the log takes no appends', { refusing, size })
try {
  await foundWorld(log, boot.config)
} catch (error) {
  // What the supervisor shows of it, and a person reads.
  if (!isAppError(error)) throw error
  logger.error(`${error.message} ${error.remedy ?? ''}`.trim())
  process.exit(REFUSES_TO_START)
}

const app = createHttpServer({ logger })
addRoutes(app, log, createAuthoriser(parseTokens(secretOf(boot, 'tokens'))))
const witnesses = witnessesOf(boot.config, boot.dataDir).map(({ key }) => key)
addWitnessRoutes(app, log, {
  cosigned: openCosigned({ folder: join(folder, 'witnessed'), witnesses, log }),
  planted: plantSegment(layout.plantedSegment(boot.dataDir)),
})
await listenUnix(app, layout.ledgerSocket(boot.dataDir), 0o660)
onShutdown(async () => {
  await app.close()
  await log.close()
})
reportReady()
