import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { SABOTAGES } from '../../src/demo/sabotages.ts'
import { createSaboteurClient, type SaboteurClient } from '../../src/demo/saboteur-client.ts'
import { createSaboteur } from '../../src/demo/saboteur-server.ts'
import type { WorldConfig } from '../../src/kernel/boot.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { listenUnix } from '../../src/kernel/http.ts'
import { layout } from '../../src/kernel/layout.ts'
import { silentLogger } from './silent-logger.ts'

/** The real saboteur behind its real socket, in a folder that holds no world yet. */
export async function startTestSaboteur(
  dataDir: string,
  config: WorldConfig,
  secrets: Record<string, string> = {},
): Promise<{ client: SaboteurClient; stop(): Promise<void> }> {
  mkdirSync(layout.edge(dataDir), { recursive: true })
  const token = randomBytes(24).toString('base64url')
  const uid = process.getuid?.() ?? 0
  const uids = {
    database: uid,
    ledger: uid,
    server: uid,
    worker: uid,
    prover: uid,
    edge: uid,
    warden: uid,
    witness: uid,
  }
  const { app, idle } = createSaboteur({
    world: {
      dataDir,
      codeDir: join(import.meta.dirname, '..', '..'),
      nodePath: process.execPath,
      config,
      uids: { distinct: false, plane: uid, instancesFrom: uid, ...uids },
      secret: (name) => {
        const secret = secrets[name]
        if (secret === undefined) throw new Error(`This test gave no secret ${name}.`)
        return secret
      },
      nowMs: () => systemClock.now(),
    },
    sabotages: SABOTAGES,
    tokenSha256: createHash('sha256').update(token).digest('hex'),
    logger: silentLogger,
  })
  const socketPath = join(dataDir, 'saboteur.sock')
  await listenUnix(app, socketPath, 0o600)
  return {
    client: createSaboteurClient({ socketPath, token }),
    async stop() {
      await app.close()
      await idle()
    },
  }
}
