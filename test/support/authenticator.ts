import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { isoCBOR } from '@simplewebauthn/server/helpers'

const USER_PRESENT_AND_VERIFIED = 0x05
const HAS_KEY = 0x40

type Said = { origin: string; rpId: string; challenge: string }

/** A passkey as a browser and its authenticator would answer (WebAuthn Level 3, ES256, no attestation). */
export function createAuthenticator() {
  const id = randomBytes(32)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  let counter = 0

  const clientData = (type: string, said: Said) =>
    Buffer.from(JSON.stringify({ type, challenge: said.challenge, origin: said.origin, crossOrigin: false }))
  const authenticatorData = (said: Said, flags: number, more = Buffer.alloc(0)) => {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(++counter)
    return Buffer.concat([createHash('sha256').update(said.rpId).digest(), Buffer.from([flags]), count, more])
  }
  const shell = {
    id: id.toString('base64url'),
    rawId: id.toString('base64url'),
    type: 'public-key' as const,
    clientExtensionResults: {},
  }

  return {
    register(said: Said): RegistrationResponseJSON {
      // RFC 9052: EC2 key, ES256, P-256
      const key = new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
        [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
      ])
      const length = Buffer.from([0, id.length])
      const credential = Buffer.concat([Buffer.alloc(16), length, id, isoCBOR.encode(key as never)])
      const authData = authenticatorData(said, USER_PRESENT_AND_VERIFIED | HAS_KEY, credential)
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(authData)],
      ])
      return {
        ...shell,
        response: {
          clientDataJSON: clientData('webauthn.create', said).toString('base64url'),
          attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
        },
      }
    },
    signIn(said: Said): AuthenticationResponseJSON {
      const [client, data] = [
        clientData('webauthn.get', said),
        authenticatorData(said, USER_PRESENT_AND_VERIFIED),
      ]
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
      return {
        ...shell,
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: createSign('sha256').update(signed).sign(privateKey).toString('base64url'),
        },
      }
    },
    /** As a clone would: its counter stands behind. */
    rewind() {
      counter = 0
    },
  }
}
