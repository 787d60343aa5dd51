import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../../kernel/errors.ts'
import { canonicalJson } from './canonical-json.ts'
import { type Kms, type KmsContext, type Wrapped, wrappedSchema } from './kms.ts'

const SCHEME = 'borgen-sealed-1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** A data key of a key store, in the clear; `keyId` and `version` are what ciphertexts name. */
export type DataKey = { keyId: string; version: number; plaintext: Buffer }

const sealedSchema = z.strictObject({
  v: z.literal(1),
  scheme: z.literal(SCHEME),
  key: z.union([
    wrappedSchema,
    z.strictObject({ scheme: z.literal('borgen-key-1'), key: z.string(), version: z.string() }),
  ]),
  nonce: z.base64(),
  ciphertext: z.base64(),
})

/** Which key a sealed text needs, without opening it; AppError `bad_request` when it is no sealed text. */
export function sealedUnder(sealed: string): { scheme: string; key: string; version: string } {
  const { key } = parseSealed(sealed)
  return { scheme: key.scheme, key: key.key, version: key.version }
}

/**
 * Seals bytes of any size with AES-256-GCM, bound to the context, under a fresh data key of the KMS or under a given data
 * key; returns JSON text that names scheme, key and version (docs/evidence-format.md, section 8).
 */
export async function sealBytes(
  under: Kms | DataKey,
  context: KmsContext,
  bytes: Uint8Array,
): Promise<string> {
  const nonce = randomBytes(NONCE_BYTES)
  if ('plaintext' in under) {
    const key = { scheme: 'borgen-key-1', key: under.keyId, version: String(under.version) }
    return writeSealed(perMessageKey(under, nonce), nonce, key, context, bytes)
  }
  const { plaintext, wrapped } = await under.generateDataKey(context)
  try {
    return writeSealed(plaintext, nonce, wrapped, context, bytes)
  } finally {
    plaintext.fill(0)
  }
}

/** Opens what `sealBytes` returned. AppError `bad_request` for text of another form, `forbidden` when it does not open. */
export async function openBytes(under: Kms | DataKey, context: KmsContext, sealed: string): Promise<Buffer> {
  const { key, nonce: nonceText, ciphertext: text } = parseSealed(sealed)
  const nonce = Buffer.from(nonceText, 'base64')
  const ciphertext = Buffer.from(text, 'base64')
  if (nonce.length !== NONCE_BYTES || ciphertext.length < TAG_BYTES) throw notSealed()
  if ('plaintext' in under) {
    if (key.scheme !== 'borgen-key-1' || key.key !== under.keyId || key.version !== String(under.version))
      throw new AppError('forbidden', 'The sealed bytes were sealed under another key.', {
        remedy: `They name key ${key.key}, version ${key.version}; open them with that one.`,
      })
    return openGcm(perMessageKey(under, nonce), nonce, aadOf(key, context), ciphertext)
  }
  if (!('blob' in key))
    throw new AppError('forbidden', 'The sealed bytes were sealed under a key of a key store.')
  const plaintext = await under.decrypt(key, context)
  try {
    return openGcm(plaintext, nonce, aadOf(key, context), ciphertext)
  } finally {
    plaintext.fill(0)
  }
}

/** AES-256-GCM with a 96-bit nonce and the tag at the end. */
export function sealGcm(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(aad)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

/** Opens what `sealGcm` returned; AppError `forbidden` when key, nonce, additional data or any byte differs. */
export function openGcm(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(aad)
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new AppError('forbidden', 'The sealed bytes do not open with this key and context.', { cause })
  }
}

function writeSealed(
  cipherKey: Buffer,
  nonce: Buffer,
  key: Wrapped | { scheme: string; key: string; version: string },
  context: KmsContext,
  bytes: Uint8Array,
): string {
  const ciphertext = sealGcm(cipherKey, nonce, aadOf(key, context), bytes)
  return canonicalJson({
    v: 1,
    scheme: SCHEME,
    key,
    nonce: nonce.toString('base64'),
    ciphertext: ciphertext.toString('base64'),
  })
}

// A key of its own for each message, so that a long-lived data key never meets the bound on random nonces.
function perMessageKey(key: DataKey, nonce: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key.plaintext, nonce, 'borgen/sealed/1', 32))
}

function aadOf(key: object, context: KmsContext): Buffer {
  return Buffer.from(canonicalJson({ context, key, scheme: SCHEME }))
}

function parseSealed(sealed: string): z.infer<typeof sealedSchema> {
  try {
    return sealedSchema.parse(JSON.parse(sealed))
  } catch (cause) {
    throw notSealed(cause)
  }
}

function notSealed(cause?: unknown): AppError {
  return new AppError('bad_request', 'These are not bytes sealed by Borgen.', {
    remedy: 'Give the JSON text with scheme borgen-sealed-1, whole and unaltered.',
    cause,
  })
}
