import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyLog } from '../../../verify/src/index.ts'
import { type OpenedEvent, openSecret, openSegments } from './unseal.ts'

/** The log as its files tell: what the independent verifier says, and every event that its segments hold. */
export type LogFacts = {
  verdict: string
  damage: string[]
  size: number
  events: OpenedEvent[]
}

/** A checkpoint kept from an earlier moment: what it covered must still be there. */
export type Kept = { name: string; bytes: Buffer }

/** The newest checkpoint on disk, to be kept. */
export function keepCheckpoint(dataDir: string, name: string): Kept | undefined {
  const file = join(dataDir, 'ledger', 'tree', 'checkpoint')
  return existsSync(file) ? { name, bytes: readFileSync(file) } : undefined
}

export async function readLog(dataDir: string, worldId: string, earlier: Kept[]): Promise<LogFacts> {
  const ledger = join(dataDir, 'ledger')
  const verdict = await verifyLog({ folder: join(ledger, 'tree'), checkpoints: earlier })
  const size = 'size' in verdict ? verdict.size : 0
  return {
    verdict: verdict.verdict,
    damage: verdict.findings
      .filter(({ severity }) => severity !== 'remark')
      .map((one) => `${one.file}: ${one.code}`),
    size,
    events: openSegments(ledger, openSecret(dataDir, worldId, 'ledgerRootKey'), size),
  }
}
