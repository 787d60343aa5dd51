import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** A tree head: how many leaves, and their root. */
export type TreeHead = { size: number; root: Buffer }

/** Signs checkpoints of one log; `vkey` is its public key in the form of Go's sumdb/note. */
export type CheckpointSigner = { origin: string; vkey: string; sign(head: TreeHead): string }

const ED25519_TYPE = 1
const SIGNATURE_LIMIT = 100
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * A signer for https://c2sp.org/tlog-checkpoint notes whose key is named after the origin. The private key is an Ed25519
 * seed (32 bytes) or PKCS #8 DER, in base64; throws (without quoting it) for anything else.
 */
export function createCheckpointSigner(origin: string, privateKeyBase64: string): CheckpointSigner {
  if (!/^[^\s+]+$/u.test(origin)) throw new Error('The origin of a log holds neither spaces nor plus signs.')
  const privateKey = readPrivateKey(privateKeyBase64)
  const publicKey = rawPublicKey(createPublicKey(privateKey))
  const keyId = keyIdOf(origin, publicKey)
  const vkey = `${origin}+${keyId.toString('hex')}+${Buffer.concat([Buffer.of(ED25519_TYPE), publicKey]).toString('base64')}`
  return {
    origin,
    vkey,
    sign({ size, root }) {
      const text = `${origin}\n${size}\n${root.toString('base64')}\n`
      const signature = Buffer.concat([keyId, sign(null, Buffer.from(text), privateKey)])
      return `${text}\n— ${origin} ${signature.toString('base64')}\n`
    },
  }
}

/** The tree head of a note that this key signed; undefined when it did not, or the note is not of the form. */
export function openCheckpoint(note: string, vkey: string): TreeHead | undefined {
  const key = parseVkey(vkey)
  const split = note.lastIndexOf('\n\n')
  if (!key || split < 0 || note.length > 65_536) return undefined
  const text = note.slice(0, split + 1)
  const [origin, size, root] = text.split('\n')
  if (origin !== key.name || !/^(0|[1-9]\d{0,15})$/.test(size ?? '')) return undefined
  const rootBytes = Buffer.from(root ?? '', 'base64')
  if (rootBytes.length !== 32 || rootBytes.toString('base64') !== root) return undefined
  const lines = note.slice(split + 2, -1).split('\n')
  if (!note.endsWith('\n') || lines.length > SIGNATURE_LIMIT) return undefined
  // A malformed line makes the whole note malformed, whoever's line it is.
  const signatures = lines.map(parseSignature)
  if (signatures.includes(undefined)) return undefined
  const ours = signatures.filter((one) => one?.name === key.name && one.keyId.equals(key.keyId))
  const isGood = ours.every((one) => one && verify(null, Buffer.from(text), key.publicKey, one.signature))
  return ours.length > 0 && isGood ? { size: Number(size), root: rootBytes } : undefined
}

/** One signature line of a note; undefined when it is malformed. */
export function parseSignature(line: string): { name: string; keyId: Buffer; signature: Buffer } | undefined {
  const [, name, encoded] = /^\u2014 ([^+\s]+) (\S+)$/u.exec(line) ?? []
  const bytes = Buffer.from(encoded ?? '', 'base64')
  if (name === undefined || bytes.length < 5 || bytes.toString('base64') !== encoded) return undefined
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) }
}

/** A public key `<name>+<id>+<base64>` of this algorithm; undefined when it is not one. */
export function parseVkey(
  vkey: string,
  type = ED25519_TYPE,
): { name: string; keyId: Buffer; publicKey: KeyObject } | undefined {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(vkey.trim()) ?? []
  const bytes = Buffer.from(encoded ?? '', 'base64')
  if (!name || !id || bytes.length !== 33 || bytes[0] !== type) return undefined
  const raw = bytes.subarray(1)
  const keyId = keyIdOf(name, raw, type)
  if (keyId.toString('hex') !== id) return undefined
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }
  return { name, keyId, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) }
}

function keyIdOf(name: string, publicKey: Buffer, type = ED25519_TYPE): Buffer {
  const hash = createHash('sha256').update(name).update(Buffer.of(0x0a, type)).update(publicKey)
  return hash.digest().subarray(0, 4)
}

function readPrivateKey(base64: string): KeyObject {
  const bytes = Buffer.from(base64.trim(), 'base64')
  const der = bytes.length === 32 ? Buffer.concat([PKCS8_PREFIX, bytes]) : bytes
  try {
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // The cause would quote nothing useful, and might quote key bytes.
  }
  throw new Error('The signing key of the log is not an Ed25519 seed or PKCS #8 key in base64.')
}

function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url')
}
