import { randomBytes } from 'node:crypto'
import type { EnvironmentValue } from '../../drivers/instances/contract/instance.ts'
import { type DataKey, openBytes, sealBytes } from '../../drivers/kms/contract/envelope.ts'
import { AppError } from '../../kernel/errors.ts'
import { databaseDetail } from '../apps/manifest.ts'
import type { Instance } from './store.ts'

/** Values of `${owner.password}` and `${secret.…}`, made once per instance. */
export type InstanceSecrets = Record<string, string>

const PLACEHOLDER = /\$\{([^}]*)\}/g

/** Secrets that a manifest's environment asks for, freshly made: 144 random bits each, safe in URLs. */
export function makeSecrets(environment: Record<string, string>): InstanceSecrets {
  const names = Object.values(environment)
    .flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((match) => match[1]!))
    .filter((name) => name === 'owner.password' || name.startsWith('secret.'))
  return Object.fromEntries([...new Set(names)].map((name) => [name, randomBytes(18).toString('base64url')]))
}

/**
 * The environment in parts: the manifest's own text, what its placeholders stand for, and what the driver alone can fill in. What
 * a customer wrote never becomes a placeholder. Throws when a secret that is needed was never made.
 */
export function fillEnvironment(
  instance: Instance,
  url: string,
  secrets: InstanceSecrets,
): Record<string, EnvironmentValue> {
  const values: Record<string, string> = {
    'instance.id': instance.id,
    'instance.host': instance.host,
    'instance.url': url,
    'account.id': instance.account,
    'account.company': instance.company,
    region: instance.region,
    'owner.email': instance.email,
    ...secrets,
  }
  const partOf = (name: string): Exclude<EnvironmentValue, string>[number] => {
    const database = databaseDetail(name)
    if (database !== undefined) return { database }
    const filled = values[name]
    if (filled !== undefined) return { filled }
    throw new AppError(
      'internal',
      `The environment of ${instance.id} needs \${${name}}, which was never made.`,
    )
  }
  // Every second piece is the name of a placeholder.
  const fill = (text: string) =>
    text
      .split(PLACEHOLDER)
      .flatMap((piece, at) => (at % 2 === 1 ? [partOf(piece)] : piece === '' ? [] : [piece]))
  return Object.fromEntries(
    Object.entries(instance.manifest.environment).map(([name, text]) => [name, fill(text)]),
  )
}

const contextOf = (id: string, region: string) => ({ instance: id, region, purpose: 'instance-secrets' })

/** Sealed for one instance: under the handover key between server and worker, or under the instance's own key. */
export function sealSecrets(
  key: DataKey,
  id: string,
  region: string,
  secrets: InstanceSecrets,
): Promise<string> {
  return sealBytes(key, contextOf(id, region), Buffer.from(JSON.stringify(secrets)))
}

/** Opens what `sealSecrets` sealed for the same instance in the same region; AppError `forbidden` otherwise. */
export async function openSecrets(
  key: DataKey,
  id: string,
  region: string,
  sealed: string,
): Promise<InstanceSecrets> {
  return JSON.parse((await openBytes(key, contextOf(id, region), sealed)).toString()) as InstanceSecrets
}

/** The key that server and worker share for the moment between sign-up and the instance's own key. */
export function handoverKey(base64: string): DataKey {
  return { keyId: 'handover', version: 1, plaintext: Buffer.from(base64, 'base64') }
}
