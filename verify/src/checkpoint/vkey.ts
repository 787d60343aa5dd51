import { createPublicKey, verify } from 'node:crypto'
import { fromBase64 } from '../bytes.ts'
import { type Rejection, reject } from '../codes.ts'
import { sha256 } from '../merkle/hash.ts'

/** A log's public key in the note format (evidence format, section 4.2). */
export type VerifierKey = { verdict: 'verified'; name: string; keyId: Buffer; publicKey: Buffer }

/** The byte that says what a key is for: it signs a log's checkpoints, or cosigns those of others (sections 4.1, 4.4). */
export const logKeyType = 0x01
export const witnessKeyType = 0x04
// DER of SubjectPublicKeyInfo for Ed25519 (RFC 8410), up to the key's 32 bytes.
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Reads `<name>+<key id, hex>+<base64( type ‖ public key )>` without a line end; recomputes the key id. */
export function parseVerifierKey(text: string, type = logKeyType): VerifierKey | Rejection {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? []
  if (name === undefined || id === undefined || encoded === undefined)
    return reject(
      'key_malformed',
      'the key is not of the form <name>+<8 hex digits>+<base64>, on one line and without spaces',
    )
  const blob = fromBase64(encoded)
  if (blob === undefined || blob.length !== 33 || blob[0] !== type)
    return reject(
      'key_malformed',
      `the key is not base64 of 0x0${type} and the 32 bytes of an Ed25519 public key`,
    )
  const keyId = keyIdOf(name, blob)
  if (keyId.toString('hex') !== id)
    return reject(
      'key_id_wrong',
      `the key id is ${id}, but the name and the key give ${keyId.toString('hex')}`,
    )
  return { verdict: 'verified', name, keyId, publicKey: blob.subarray(1) }
}

function keyIdOf(name: string, typeAndKey: Uint8Array): Buffer {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), typeAndKey])).subarray(0, 4)
}

/** Says whether this is the key's Ed25519 signature (RFC 8032, pure) over the message; never throws. */
export function signatureHolds(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  try {
    const key = createPublicKey({
      key: Buffer.concat([spkiPrefix, publicKey]),
      format: 'der',
      type: 'spki',
    })
    return verify(null, message, key, signature)
  } catch {
    return false
  }
}
