import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createHttpServer, listenUnix } from '../../src/kernel/http.ts'
import {
  createLedgerClient,
  type LedgerClient,
  type ReadLedgerEntry,
} from '../../src/ledger/client/client.ts'
import { openCosigned } from '../../src/ledger/server/cosigned.ts'
import { plantSegment } from '../../src/ledger/server/planted.ts'
import { addRoutes } from '../../src/ledger/server/routes.ts'
import { createAuthoriser } from '../../src/ledger/server/tokens.ts'
import { addWitnessRoutes } from '../../src/ledger/server/witness-routes.ts'
import { openTestLog } from '../../src/ledger/testing/open-log.ts'
import { silentLogger } from './silent-logger.ts'

/** The real log behind its real socket; `down` closes the socket, `up` opens it again. */
export type TestLog = {
  client: LedgerClient
  /** Where its files lie, to look at and to damage. */
  folder: string
  /** Writes tiles and checkpoint now instead of within a second. */
  publish(): void
  entries(): Promise<ReadLedgerEntry[]>
  down(): Promise<void>
  up(): Promise<void>
  stop(): Promise<void>
}

/** `witnesses`: the public keys whose word the log takes. */
export async function startTestLog(
  witnesses: readonly string[] = [],
  more: Parameters<typeof openTestLog>[1] = {},
): Promise<TestLog> {
  const folder = mkdtempSync(join(tmpdir(), 'blog-'))
  const log = await openTestLog(join(folder, 'log'), more)
  const token = randomBytes(24).toString('base64url')
  const known = {
    [createHash('sha256').update(token).digest('hex')]: {
      process: 'server',
      may: ['append', 'read', 'cosign'],
    },
  }
  const cosigned = openCosigned({ folder: join(folder, 'log', 'witnessed'), witnesses, log })
  const planted = plantSegment(join(folder, 'log', 'regions', '.planted', 'planted', '0000000000000000.seg'))
  const socketPath = join(folder, 'ledger.sock')
  let server: FastifyInstance | undefined
  const up = async () => {
    server = createHttpServer({ logger: silentLogger })
    addRoutes(server, log, createAuthoriser(known as Parameters<typeof createAuthoriser>[0]))
    addWitnessRoutes(server, log, { cosigned, planted })
    await listenUnix(server, socketPath, 0o600)
    // connections of the time before are noticed to be dead by being used
    while (
      !(await client.health().then(
        () => true,
        () => false,
      ))
    );
  }
  const down = async () => {
    await server?.close()
    server = undefined
  }
  const client = createLedgerClient({ socketPath, token })
  await up()
  return {
    client,
    folder: join(folder, 'log'),
    publish: () => log.publish(),
    async entries() {
      const { entries, next } = await client.read({ limit: 1000 })
      if (next !== null && entries.length === 1000) throw new Error('more entries than a test looks at')
      return entries
    },
    down,
    up,
    async stop() {
      await down()
      await log.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
