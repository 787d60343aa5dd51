import { spawnSync } from 'node:child_process'
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Uids, WorldConfig } from '../kernel/boot.ts'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import type { WorldSecrets } from './world-secrets.ts'

const ED25519_TYPE = 1

/**
 * Makes the witness of this machine where there is none, with a key of its own that only its user reads, and gives its
 * public key. Throws when the world knows a witness whose folder is gone: one that has forgotten cannot go on.
 */
export function makeLocalWitness(given: {
  dataDir: string
  codeDir: string
  /** As the witness's own user can reach it, wherever the checkout lies. */
  nodePath: string
  uids: Uids
  config: WorldConfig
}): string {
  const { dataDir, codeDir, nodePath, uids, config } = given
  const folder = layout.witness(dataDir)
  const isThere = existsSync(join(folder, 'witness.key'))
  if (config.localWitness !== undefined) {
    if (isThere) return config.localWitness
    throw new AppError('conflict', `The witness of this world is gone: ${folder} holds no key.`, {
      remedy: `Put the folder back from a backup. Only where it is lost for good: remove "localWitness" from ${layout.config(dataDir)}, and a new witness begins that has seen nothing yet.`,
    })
  }
  // A start that was killed after this point finds the key that it made.
  const name = `${config.planeDomain}/witness/${config.worldId}`
  const words = isThere ? ['key', '--state', folder] : ['init', '--state', folder, '--name', name]
  const program = join(codeDir, 'witness', 'bin', 'borgen-witness.mjs')
  const ran = spawnSync(nodePath, [program, ...words], {
    encoding: 'utf8',
    cwd: '/',
    env: {},
    ...(uids.distinct ? { uid: uids.witness, gid: uids.witness } : {}),
  })
  if (ran.status !== 0)
    throw new AppError(
      'internal',
      `The witness of this world could not be made: ${ran.error?.message ?? ran.stderr.trim()}`,
      {
        remedy: `See that ${folder} is empty, and start again.`,
        cause: ran.error,
      },
    )
  return ran.stdout.trim()
}

/** The log's public key as witnesses are told it (docs/evidence-format.md, 4.2). */
export function logKeyOf(config: WorldConfig, secrets: WorldSecrets): string {
  const name = `${config.planeDomain}/log/${config.worldId}`
  const key = createPrivateKey({
    key: Buffer.from(secrets.of('ledgerSigningKey'), 'base64'),
    format: 'der',
    type: 'pkcs8',
  })
  const raw = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32)
  const typed = Buffer.concat([Buffer.of(ED25519_TYPE), raw])
  const keyId = createHash('sha256').update(`${name}\n`).update(typed).digest().subarray(0, 4)
  return `${name}+${keyId.toString('hex')}+${typed.toString('base64')}`
}
