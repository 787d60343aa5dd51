import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'

/** The algorithm bytes of c2sp.org/signed-note: a log's Ed25519 key, and a witness's. */
export const LOG_KEY = 0x01
export const WITNESS_KEY = 0x04

/** Somebody whose signature lines can be told by name and id, and checked. */
export type VerifierKey = { name: string; keyId: Buffer; publicKey: KeyObject; text: string }
/** This witness's own key; `text` is its private form, one line, never to be shown. */
export type WitnessKey = {
  name: string
  keyId: Buffer
  privateKey: KeyObject
  verifier: string
  text: string
}

// DER of an Ed25519 key up to its 32 bytes (RFC 8410).
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

/** Reads `<name>+<key id>+<base64( type ‖ public key )>`; throws what is wrong with it. */
export function parseVerifierKey(text: string, type: number): VerifierKey {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? []
  const bytes = fromBase64(encoded ?? '')
  if (!name || !id || bytes?.length !== 33 || bytes[0] !== type)
    throw new Error(
      `this is not a key of the form <name>+<8 hex digits>+<base64>: ${text.trim().slice(0, 200)}`,
    )
  const keyId = keyIdOf(name, type, bytes.subarray(1))
  if (keyId.toString('hex') !== id) throw new Error(`the id ${id} is not that of the key of ${name}`)
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI, bytes.subarray(1)]),
    format: 'der',
    type: 'spki',
  })
  return { name, keyId, publicKey, text: text.trim() }
}

/** A new key under this name (which holds neither spaces nor plus signs). */
export function makeWitnessKey(name: string): WitnessKey {
  if (!/^[^+\s]+$/u.test(name)) throw new Error('the name of a witness holds neither spaces nor plus signs')
  const seed = generateKeyPairSync('ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'der' })
    .subarray(-32)
  return keyOf(name, seed)
}

/** Reads a key written by `makeWitnessKey`; throws, without quoting it, when it is something else. */
export function parseWitnessKey(text: string): WitnessKey {
  const [, name, id, encoded] =
    /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? []
  const bytes = fromBase64(encoded ?? '')
  if (!name || !id || bytes?.length !== 33 || bytes[0] !== WITNESS_KEY)
    throw new Error('the key file does not hold a witness key')
  const key = keyOf(name, bytes.subarray(1))
  if (key.keyId.toString('hex') !== id) throw new Error('the key file is damaged: its key id is wrong')
  return key
}

/** The signature line of this witness under a checkpoint's text: "at this time, this is the largest tree that I saw". */
export function cosign(key: WitnessKey, text: string, timeSeconds: number): string {
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(timeSeconds))
  const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${timeSeconds}\n${text}`), key.privateKey)
  return `\u2014 ${key.name} ${Buffer.concat([key.keyId, time, signature]).toString('base64')}\n`
}

/** Whether this is the key's own signature over the text. */
export function holds(key: VerifierKey, text: string, signature: Buffer): boolean {
  return signature.length === 64 && verify(null, Buffer.from(text), key.publicKey, signature)
}

/** Bytes of a text that is exactly their base64; undefined for any other. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return text !== '' && bytes.toString('base64') === text ? bytes : undefined
}

function keyOf(name: string, seed: Buffer): WitnessKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  const raw = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-32)
  const keyId = keyIdOf(name, WITNESS_KEY, raw)
  const line = (bytes: Buffer) =>
    `${name}+${keyId.toString('hex')}+${Buffer.concat([Buffer.of(WITNESS_KEY), bytes]).toString('base64')}`
  return { name, keyId, privateKey, verifier: line(raw), text: `PRIVATE+KEY+${line(seed)}` }
}

function keyIdOf(name: string, type: number, publicKey: Buffer): Buffer {
  const hash = createHash('sha256').update(`${name}\n`).update(Buffer.of(type)).update(publicKey)
  return hash.digest().subarray(0, 4)
}
