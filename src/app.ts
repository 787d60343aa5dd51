import swagger from '@fastify/swagger'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { createAuthentication, type ProcessTokens } from './access/authenticate.ts'
import type { RouteContext } from './changes/context.ts'
import type { AppendToLog } from './changes/outbox.ts'
import { countOutbox } from './changes/store.ts'
import { type DemoParts, demoRoutes } from './demo/routes.ts'
import { locationRoutes } from './domains/data-security/location/index.ts'
import { logWitnessRoutes } from './domains/operational-security/logs/index.ts'
import { accountRoutes } from './fleet/accounts/routes.ts'
import { urlMaker } from './fleet/address.ts'
import { appRoutes } from './fleet/apps/routes.ts'
import { type AwaitInstanceChange, edgeRoutes } from './fleet/edge-routes.ts'
import { instanceRoutes } from './fleet/instances/routes.ts'
import { handoverKey } from './fleet/instances/secrets.ts'
import { countInstances } from './fleet/instances/store.ts'
import { countWaiting } from './fleet/output/store.ts'
import { regionRoutes } from './fleet/regions/routes.ts'
import { resourceRoutes } from './fleet/resources/routes.ts'
import type { WorldConfig } from './kernel/boot.ts'
import { type Clock, realNow } from './kernel/clock.ts'
import type { Db } from './kernel/db.ts'
import { createHttpServer } from './kernel/http.ts'
import type { Logger } from './kernel/log.ts'
import type { WitnessAt } from './kernel/witnesses.ts'
import type { LedgerClient } from './ledger/client/client.ts'
import { approvalRoutes } from './plane/approvals/routes.ts'
import { attestationCarrier } from './plane/attestations/carrier.ts'
import { attestationRoutes } from './plane/attestations/routes.ts'
import type { ChangeFeed } from './plane/change-feed.ts'
import { readConsoleFiles } from './plane/console-files.ts'
import { eventRoutes } from './plane/events.ts'
import { logRoutes } from './plane/log-routes.ts'
import { meRoutes } from './plane/me.ts'
import { overviewCarrier } from './plane/overview/carrier.ts'
import { overviewRoutes } from './plane/overview/routes.ts'
import { peopleRoutes } from './plane/people.ts'
import { promiseRoutes } from './plane/promises.ts'
import { publicRoutes } from './plane/public-routes.ts'
import { signInRoutes } from './plane/sign-in-routes.ts'
import { readProcesses, type Status, statusRoutes } from './plane/status.ts'
import { tokenRoutes } from './plane/tokens.ts'
import { warningsOf } from './plane/warnings.ts'
import { REGISTER } from './register.ts'

export type AppParts = {
  db: Db
  clock: Clock
  logger: Logger
  ledger: LedgerClient
  config: WorldConfig
  processTokens: ProcessTokens
  /** Shared with the worker; base64 of 32 bytes. */
  handover: string
  releases: string
  processesFile: string
  /** Where the supervisor leaves the overview.yaml that it reads. */
  overviewFile: string
  /** Folder of the files that people attach to what they sign. */
  evidence: string
  /** Folder of the console's built pages; it need not be there. */
  consoleFiles: string
  awaitInstanceChange: AwaitInstanceChange
  /** Who cosigns the log; nobody unless given. */
  witnesses?: readonly WitnessAt[]
  /** Of a demo world alone. */
  demo?: DemoParts
  /** What changes, for those who look on. */
  feed: ChangeFeed
  /** Sees each route as it is added; the house's tests count them. */
  onRoute?(route: RouteOptions): void
}

/** The server with every route of the product; it listens nowhere yet. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { db, clock, logger, ledger, config } = parts
  const urlOf = urlMaker(config)
  const consoleOrigin = urlOf(`console.${config.planeDomain}`)
  const hostOf = (name: string) => urlOf(`${name}.${config.planeDomain}`).replace('https://', '')
  const app = createHttpServer({ logger })
  if (parts.onRoute) app.addHook('onRoute', parts.onRoute)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Borgen',
        version: '1',
        description: 'The control plane’s public API. Errors are RFC 9457 problem documents.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })

  // Sessions, tokens and links live by the machine's clock, however far a demo's is ahead.
  const machine: Clock = { now: () => realNow(clock) }
  const authentication = createAuthentication({
    db,
    clock: machine,
    consoleOrigin,
    processTokens: parts.processTokens,
  })
  const append: AppendToLog = (entries) => ledger.append(entries)
  const context: RouteContext = {
    app,
    authenticate: (request) => authentication.authenticate(request),
    changes: { db, append, clock, logger },
  }
  const settings = { appsDomain: config.appsDomain, urlOf, handover: handoverKey(parts.handover) }
  const readStatus = () => statusOf(parts)

  await app.register(async (scope) => {
    const inScope = { ...context, app: scope }
    const onMachineTime = { ...inScope, changes: { ...inScope.changes, clock: machine } }
    regionRoutes(inScope)
    accountRoutes(inScope, settings)
    instanceRoutes(inScope, settings, ledger)
    resourceRoutes(inScope)
    appRoutes(inScope, { releases: parts.releases })
    edgeRoutes(inScope, parts.awaitInstanceChange)
    tokenRoutes(onMachineTime)
    peopleRoutes(onMachineTime, { consoleOrigin })
    statusRoutes(inScope, readStatus)
    meRoutes(inScope, { authentication, config })
    eventRoutes(inScope, { feed: parts.feed })
    promiseRoutes(inScope, REGISTER)
    overviewRoutes(inScope, REGISTER, { publishedFile: parts.overviewFile })
    attestationRoutes(inScope, REGISTER, { evidence: parts.evidence, simulated: config.demo })
    approvalRoutes(inScope, [overviewCarrier(REGISTER), attestationCarrier(REGISTER, parts.evidence)], {
      origin: consoleOrigin,
      rpId: `console.${config.planeDomain}`,
      clock: machine,
    })
    logRoutes(inScope, ledger)
    locationRoutes(inScope, { db, clock })
    logWitnessRoutes(inScope, { db, clock: machine, ledger, witnesses: parts.witnesses ?? [] })
    if (parts.demo) demoRoutes(inScope, parts.demo)
    publicRoutes(inScope, { trustHost: hostOf('trust'), portalHost: hostOf('portal') })
    signInRoutes(onMachineTime, {
      consoleHost: hostOf('console'),
      rpId: `console.${config.planeDomain}`,
      consoleOrigin,
      authentication,
      files: readConsoleFiles(parts.consoleFiles),
    })
  })
  await app.ready()
  return app
}

async function statusOf(parts: AppParts): Promise<Status> {
  const { db, ledger, config, processesFile, clock, overviewFile } = parts
  const [{ processes, limitations }, counts, log, waiting, waitingOutput, warnings] = await Promise.all([
    readProcesses(processesFile),
    countInstances(db),
    ledger.health().catch(() => undefined),
    countOutbox(db),
    countWaiting(db),
    warningsOf(db, { publishedFile: overviewFile, register: REGISTER, now: clock.now() }),
  ])
  const of = (state: string) => counts.find((row) => row.observed === state)?.count ?? 0
  const total = counts.reduce((sum, row) => sum + row.count, 0)
  const [awake, asleep, failed] = [of('awake'), of('asleep'), of('failed')]
  return {
    world: { id: config.worldId, demo: config.demo },
    processes,
    instances: { total, awake, asleep, failed, other: total - awake - asleep - failed },
    log: log
      ? { state: log.appends === 'taken' ? 'up' : 'refusing', size: log.size, root: log.root }
      : { state: 'down', size: 0, root: null },
    outbox: { waiting },
    output: { waiting: waitingOutput },
    warnings,
    limitations,
  }
}
