import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { openBytes, sealBytes } from '../drivers/kms/contract/envelope.ts'
import type { Kms } from '../drivers/kms/contract/kms.ts'
import { createLocalKms, formatRootKeys, parseRootKeys } from '../drivers/kms/local/local-kms.ts'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { writeDurably } from './durable-file.ts'

/** How each secret of a world is made when it is missing because this version is the first to need it. */
export type SecretMakers = Record<string, () => string | Promise<string>>

/** Opens the plane's root key, made at first start; throws when it is gone while things sealed under it are there. */
export function openRootKms(dataDir: string, worldId: string): Kms {
  const file = layout.rootKey(dataDir)
  if (!existsSync(file)) {
    if (readdirSync(layout.secrets(dataDir)).some((name) => name.endsWith('.sealed')))
      throw lost(file, 'every secret of this world is sealed under it')
    writeDurably(file, `${formatRootKeys([{ version: 1, key: randomBytes(32) }])}\n`, 0o400)
  }
  return createLocalKms({ key: `plane:${worldId}`, rootKeys: parseRootKeys(readFileSync(file, 'utf8')) })
}

/**
 * Every secret named in `makers`, in the clear. Those that were never made are made, sealed and written (0400), and
 * `remember` is told their names first; one that was made once and is missing now is an error, never replaced.
 */
export async function openSecrets(given: {
  dataDir: string
  worldId: string
  kms: Kms
  makers: SecretMakers
  made: readonly string[]
  remember: (names: string[]) => void
}): Promise<Record<string, string>> {
  const { dataDir, worldId, kms, makers, made } = given
  const secrets: Record<string, string> = {}
  const fresh: string[] = []
  for (const [name, make] of Object.entries(makers)) {
    const file = layout.secret(dataDir, name)
    const context = { purpose: 'process-secret', world: worldId, name }
    if (existsSync(file)) {
      secrets[name] = (await openBytes(kms, context, readFileSync(file, 'utf8'))).toString('utf8')
    } else {
      if (made.includes(name)) throw lost(file, 'data of this world depends on it')
      secrets[name] = await make()
      writeDurably(file, await sealBytes(kms, context, Buffer.from(secrets[name])), 0o400)
    }
    if (!made.includes(name)) fresh.push(name)
  }
  if (fresh.length > 0) given.remember([...made, ...fresh].sort())
  return secrets
}

/** 32 random bytes as base64url text. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** 32 random bytes as base64. */
export function newKey(): string {
  return randomBytes(32).toString('base64')
}

function lost(file: string, why: string): AppError {
  return new AppError('internal', `${file} is missing, and ${why}.`, {
    remedy: 'Put it back from a backup of the data folder; a new one would open nothing.',
  })
}
