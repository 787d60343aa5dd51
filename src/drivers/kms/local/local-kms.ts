import { hkdfSync, randomBytes } from 'node:crypto'
import { AppError } from '../../../kernel/errors.ts'
import { canonicalJson } from '../contract/canonical-json.ts'
import { openGcm, sealGcm } from '../contract/envelope.ts'
import { KMS_PLAINTEXT_LIMIT_BYTES, type Kms, type KmsContext, type Wrapped } from '../contract/kms.ts'

const SCHEME = 'borgen-kms-local-1'
const KEY_BYTES = 32
const NONCE_BYTES = 12

/** One version of a root key: 32 random bytes. */
export type RootKey = { version: number; key: Buffer }

/**
 * The embedded KMS: root keys given by the caller, who keeps them (file handling is elsewhere). `keep` must make the new
 * list durable before it resolves; without it `rotate` is refused.
 */
export function createLocalKms(given: {
  key: string
  rootKeys: RootKey[]
  keep?: (rootKeys: RootKey[]) => Promise<void>
}): Kms {
  let rootKeys = [...given.rootKeys].sort((a, b) => a.version - b.version)
  if (rootKeys.length === 0 || rootKeys.some(({ key }) => key.length !== KEY_BYTES))
    throw new Error('A local KMS needs at least one root key, each of exactly 32 bytes.')
  let rotating: Promise<unknown> = Promise.resolve()

  const wrap = (plaintext: Uint8Array, context: KmsContext): Wrapped => {
    const { version, key } = rootKeys.at(-1)!
    const named = { scheme: SCHEME, key: given.key, version: String(version) }
    const nonce = randomBytes(NONCE_BYTES)
    const sealed = sealGcm(
      wrappingKey(key, given.key, named.version),
      nonce,
      aadOf(named, context),
      plaintext,
    )
    return { ...named, blob: Buffer.concat([nonce, sealed]).toString('base64') }
  }

  return {
    async generateDataKey(context) {
      const plaintext = randomBytes(KEY_BYTES)
      return { plaintext, wrapped: wrap(plaintext, context) }
    },
    async encrypt(plaintext, context) {
      if (plaintext.length > KMS_PLAINTEXT_LIMIT_BYTES)
        throw new AppError('too_large', `A KMS encrypts at most ${KMS_PLAINTEXT_LIMIT_BYTES} bytes.`, {
          remedy: 'Seal larger things with sealBytes.',
        })
      return wrap(plaintext, context)
    },
    async decrypt(wrapped, context) {
      const { scheme, key, version } = wrapped
      const root = rootKeys.find((one) => String(one.version) === version)
      const blob = Buffer.from(wrapped.blob, 'base64')
      if (scheme !== SCHEME || key !== given.key || !root || blob.length < NONCE_BYTES + 16)
        throw new AppError('forbidden', 'The sealed bytes do not open with this key and context.', {
          remedy: `They name ${scheme}, key ${key}, version ${version}; this KMS holds ${SCHEME}, key ${given.key}.`,
        })
      const nonce = blob.subarray(0, NONCE_BYTES)
      const aad = aadOf({ scheme, key, version }, context)
      return openGcm(wrappingKey(root.key, key, version), nonce, aad, blob.subarray(NONCE_BYTES))
    },
    rotate() {
      const next = rotating.then(async () => {
        if (!given.keep)
          throw new AppError('unavailable', 'This KMS cannot rotate: its root key is kept elsewhere.')
        const version = rootKeys.at(-1)!.version + 1
        const longer = [...rootKeys, { version, key: randomBytes(KEY_BYTES) }]
        await given.keep(longer)
        rootKeys = longer
        return String(version)
      })
      rotating = next.catch(() => undefined)
      return next
    },
    async describe() {
      const versions = rootKeys.map(({ version }) => String(version))
      return { driver: 'local', key: given.key, version: versions.at(-1)!, versions, keptIn: 'software' }
    },
  }
}

/** Reads root keys from `<base64>` (version 1) or `1:<base64>,2:<base64>`; throws without quoting them. */
export function parseRootKeys(text: string): RootKey[] {
  const parts = text.trim().split(',')
  const rootKeys = parts.map((part) => {
    const [version, key] = part.includes(':') ? part.split(':') : ['1', part]
    return { version: Number(version), key: Buffer.from(key ?? '', 'base64') }
  })
  const versions = new Set(rootKeys.map(({ version }) => version))
  if (
    versions.size !== rootKeys.length ||
    rootKeys.some(
      ({ version, key }) => !Number.isSafeInteger(version) || version < 1 || key.length !== KEY_BYTES,
    )
  )
    throw new Error('A root key is 32 bytes in base64, or a list of version:base64 separated by commas.')
  return rootKeys
}

/** The text that parseRootKeys reads. */
export function formatRootKeys(rootKeys: RootKey[]): string {
  return rootKeys.map(({ version, key }) => `${version}:${key.toString('base64')}`).join(',')
}

function wrappingKey(rootKey: Buffer, key: string, version: string): Buffer {
  return Buffer.from(hkdfSync('sha256', rootKey, '', `borgen/kms-local/1\0${key}\0${version}`, KEY_BYTES))
}

function aadOf(named: { scheme: string; key: string; version: string }, context: KmsContext): Buffer {
  return Buffer.from(canonicalJson({ ...named, context: { ...context } }))
}
