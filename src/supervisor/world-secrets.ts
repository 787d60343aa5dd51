import { createHash, generateKeyPairSync } from 'node:crypto'
import { z } from 'zod'
import type { WorldConfig } from '../kernel/boot.ts'
import { newKey, newToken, type SecretMakers } from './sealed-secrets.ts'

/** The roles that log in to the plane's database; `postgres` is its superuser. */
export type DatabaseRole = 'postgres' | 'borgen_owner' | 'borgen_server' | 'borgen_worker' | 'borgen_prover'

const localCaSchema = z.object({ certPem: z.string(), keyPem: z.string() })

const tokens = [
  'ledgerTokenServer',
  'ledgerTokenWorker',
  'ledgerTokenProver',
  'wardenToken',
  'probeWardenToken',
  'edgeToken',
  'probeToken',
  'setupToken',
  'saboteurToken',
] as const
const passwords = {
  postgres: 'databasePostgres',
  borgen_owner: 'databaseOwner',
  borgen_server: 'databaseServer',
  borgen_worker: 'databaseWorker',
  borgen_prover: 'databaseProver',
} as const satisfies Record<DatabaseRole, string>
const keys = ['ledgerRootKey', 'keyringRoot', 'handoverKey', 'instancePasswordKey'] as const

/** Every secret by name; a later version adds names, and a data folder of an earlier one gets them at its next start. */
export type SecretName =
  | (typeof tokens)[number]
  | (typeof passwords)[DatabaseRole]
  | (typeof keys)[number]
  | 'ledgerSigningKey'
  | 'localCa'
  | 'outsideDatabaseUrl'

/** Everything secret in a world, as the table of processes deals it out. */
export type WorldSecrets = {
  of(name: SecretName): string
  rolePasswords: Record<DatabaseRole, string>
  databaseUrl(role: DatabaseRole): string
  localCa: { certPem: string; keyPem: string }
}

/** How each secret is made. `outsideDatabaseUrl` is empty where the plane's own PostgreSQL is used. */
export function secretMakers(config: WorldConfig, outsideDatabaseUrl: string, nowMs: number): SecretMakers {
  const named = (names: readonly string[], make: () => string) =>
    Object.fromEntries(names.map((name) => [name, make]))
  return {
    ...named([...tokens, ...Object.values(passwords)], newToken),
    ...named(keys, newKey),
    ledgerSigningKey: () =>
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    localCa: async () => {
      // Loaded here alone: it is slow to load and needed once in a world's life.
      const { createLocalCa } = await import('../drivers/certificates/local/local-ca.ts')
      return JSON.stringify(await createLocalCa({ domains: [config.planeDomain, config.appsDomain], nowMs }))
    },
    outsideDatabaseUrl: () => outsideDatabaseUrl,
  }
}

/** Puts opened secrets into the shape that the table of processes reads; `socketFolder` is PostgreSQL's. */
export function worldSecretsOf(opened: Record<string, string>, socketFolder: string): WorldSecrets {
  const of = (name: SecretName) => {
    const secret = opened[name]
    if (secret === undefined) throw new Error(`There is no secret ${name}.`)
    return secret
  }
  const roles = Object.entries(passwords).map(([role, name]) => [role, of(name)])
  const rolePasswords: Record<DatabaseRole, string> = Object.fromEntries(roles)
  return {
    of,
    rolePasswords,
    localCa: localCaSchema.parse(JSON.parse(of('localCa'))),
    databaseUrl(role) {
      const outside = of('outsideDatabaseUrl')
      if (outside === '')
        return `postgresql://${role}:${rolePasswords[role]}@/${databaseOf(role)}?host=${encodeURIComponent(socketFolder)}`
      const url = new URL(outside)
      if (role === 'postgres') return url.href
      url.username = role
      url.password = rolePasswords[role]
      url.pathname = '/borgen'
      return url.href
    },
  }
}

function databaseOf(role: DatabaseRole): string {
  return role === 'postgres' ? 'postgres' : 'borgen'
}

/** SHA-256 of a token's text, in hexadecimal: enough to recognise the token by, not to use it. */
export function sha256Of(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
