import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Role } from '../../src/access/actions.ts'
import { hashOfToken, newSecretToken } from '../../src/access/secret-token.ts'
import { insertPerson, insertToken } from '../../src/access/store.ts'
import { createApp } from '../../src/app.ts'
import { parseManifest } from '../../src/fleet/apps/manifest.ts'
import { insertApp, insertRelease } from '../../src/fleet/apps/store.ts'
import type { WorldConfig } from '../../src/kernel/boot.ts'
import { type Database, openDatabase } from '../../src/kernel/db.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createChangeFeed } from '../../src/plane/change-feed.ts'
import { startTestLog, type TestLog } from './log.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'
import { startTestSaboteur } from './saboteur.ts'
import { silentLogger } from './silent-logger.ts'
import { createTestClock, type TestClock } from './test-clock.ts'

export const edgeToken = 'test-token-of-the-edge-process'

/** A server as the product composes it: real database (as the role the server has), real log, a clock that the test turns. */
export type TestPlane = {
  app: FastifyInstance
  routes: RouteOptions[]
  postgres: TestPostgres
  /** As `borgen_server`, which the app itself uses. */
  server: Database
  /** As the superuser, to look and to damage. */
  admin: Database
  log: TestLog
  clock: TestClock
  config: WorldConfig
  /** Under which the server seals secrets for the worker, in base64. */
  handover: string
  /** Authorization header of a new token. */
  tokenOf(role: Role, scopes?: string[]): Promise<Record<string, string>>
  /** Registers a release that needs a database and an owner's password; `more` is added to its manifest. */
  addRelease(name?: string, version?: string, more?: string): Promise<string>
  /** Everything that the data folder would hold of files. */
  folder: string
  stop(): Promise<void>
}

/** `demo: false` leaves away what a demo world alone has. */
export async function startPlane({ demo = true } = {}): Promise<TestPlane> {
  const [postgres, log] = await Promise.all([startPostgres(), startTestLog()])
  const [server, admin] = [openDatabase(postgres.urlAs('borgen_server')), openDatabase(postgres.url)]
  const folder = mkdtempSync(join(tmpdir(), 'bplane-'))
  mkdirSync(join(folder, 'evidence'))
  const clock = createTestClock()
  const routes: RouteOptions[] = []
  const handover = randomBytes(32).toString('base64')
  const config: WorldConfig = {
    worldId: '00000000-0000-4000-8000-000000000000',
    demo,
    planeDomain: 'borgen.localhost',
    appsDomain: 'apps.localhost',
    httpsPort: 8443,
    httpPort: 8080,
    bindAddress: '127.0.0.1',
  }
  const saboteur = demo ? await startTestSaboteur(folder, config) : undefined
  const feed = createChangeFeed({
    url: postgres.urlAs('borgen_server'),
    logger: silentLogger,
    processesFile: join(folder, 'processes.json'),
    logSize: async () => (await log.client.health()).size,
  })
  const app = await createApp({
    db: server.db,
    clock,
    logger: silentLogger,
    ledger: log.client,
    config,
    processTokens: { [hashOfToken(edgeToken).toString('hex')]: 'edge' },
    handover,
    releases: folder,
    consoleFiles: join(folder, 'console'),
    processesFile: join(folder, 'processes.json'),
    overviewFile: join(folder, 'overview.json'),
    evidence: join(folder, 'evidence'),
    awaitInstanceChange: async () => {},
    ...(saboteur ? { demo: { saboteur: saboteur.client, nextDue: async () => undefined } } : {}),
    feed,
    onRoute: (route) => void routes.push(route),
  })
  return {
    app,
    routes,
    postgres,
    server,
    admin,
    log,
    clock,
    config,
    handover,
    folder,
    async tokenOf(role, scopes = ['*']) {
      const token = newSecretToken('bgn')
      await insertToken(server.db, {
        id: newId('tok'),
        name: `a ${role}`,
        token_hash: hashOfToken(token),
        scopes,
        role,
        created_by: 'process:test',
        behind: [],
        created_at: clock.now(),
        expires_at: null,
        last_used_at: null,
        revoked_at: null,
      })
      return { authorization: `Bearer ${token}` }
    },
    async addRelease(name = 'crm', version = '1.0.0', more = '') {
      const parsed = parseManifest(manifestText(name, version) + more)
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
      const id = newId('rel')
      await insertApp(server.db, name, clock.now())
      await insertRelease(server.db, {
        id,
        app: name,
        version,
        sha256: createHash('sha256').update(`${name} ${version}`).digest('hex'),
        manifest: parsed.manifest,
        size_bytes: 1,
        created_at: clock.now(),
      })
      return id
    },
    async stop() {
      await app.close()
      await saboteur?.stop()
      await feed.stop()
      await Promise.all([server.close(), admin.close()])
      await Promise.all([postgres.stop(), log.stop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A small manifest that holds; tests damage it. */
export function manifestText(name = 'crm', version = '1.0.0'): string {
  return `name: ${name}
version: ${version}
start: [node, server.js]
database: postgres
listen: { socket: APP_SOCKET }
health: /health
environment:
  OWNER_PASSWORD: \${owner.password}
  OWNER_EMAIL: \${owner.email}
`
}

/** A person with a role, as somebody invited them. */
export async function addPerson(
  plane: TestPlane,
  role: Role,
  email = `${role}@example.test`,
): Promise<string> {
  const id = newId('per')
  const row = { id, email, name: role, role, created_at: plane.clock.now(), disabled_at: null }
  await insertPerson(plane.server.db, row)
  return id
}
