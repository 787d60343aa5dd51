import { z } from 'zod'

/**
 * Names and values that a ciphertext is bound to, as additional data; it opens only with exactly the same. Not secret, so
 * never personal data: AWS KMS writes it to CloudTrail.
 */
export type KmsContext = Readonly<Record<string, string>>

/** A ciphertext of a KMS: which driver made it, under which key and version, and a blob that only the driver understands. */
export const wrappedSchema = z.strictObject({
  scheme: z.string().min(1).max(64),
  key: z.string().min(1).max(2048),
  version: z.string().min(1).max(64),
  blob: z.string().min(1).max(16_384),
})
export type Wrapped = z.infer<typeof wrappedSchema>

/** Most bytes that `encrypt` takes (AWS KMS's own limit); larger things are sealed under a data key. */
export const KMS_PLAINTEXT_LIMIT_BYTES = 4096

export type KmsDescription = {
  /** Which driver: `local`, `aws`, `openbao`, `pkcs11`. */
  driver: string
  /** The root key's name, ARN or label. */
  key: string
  /** The version that wraps now, and all that still unwrap, oldest first. */
  version: string
  versions: string[]
  /** Whether the root key can be read by whoever controls this machine. */
  keptIn: 'software' | 'service' | 'hardware'
}

/**
 * One root key of a key management service. Every method may be slow and may fail with AppError `unavailable`;
 * a ciphertext that does not open (wrong context, altered, other key) fails with AppError `forbidden`, and nothing more is
 * told apart. Root keys never leave the service; callers fill returned plaintext with zeros when they are done.
 */
export type Kms = {
  /** A new random 32-byte key, in the clear and wrapped. */
  generateDataKey(context: KmsContext): Promise<{ plaintext: Buffer; wrapped: Wrapped }>
  /** Encrypts at most 4,096 bytes under the newest version; AppError `too_large` otherwise. */
  encrypt(plaintext: Uint8Array, context: KmsContext): Promise<Wrapped>
  /** Opens what `encrypt` or `generateDataKey` returned, under any version that still exists. */
  decrypt(wrapped: Wrapped, context: KmsContext): Promise<Buffer>
  /** Makes a new version that wraps from now on; older ones still unwrap. Returns its name. */
  rotate(): Promise<string>
  describe(): Promise<KmsDescription>
}
