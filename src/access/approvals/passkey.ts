import { createHash, randomBytes } from 'node:crypto'
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server'
import { AppError } from '../../kernel/errors.ts'
import { challengeIn, type PasskeySettings } from '../passkeys.ts'
import { insertChallenge, passkeyById, passkeysOf, takeChallenge } from '../store.ts'
import type { ApprovalRow } from './store.ts'

const CHALLENGE_LIFE_MS = 5 * 60 * 1000

/** What anybody needs to check later, with nothing but the log, that this person's passkey signed this digest. */
export type PasskeyProof = {
  method: 'passkey'
  credential: string
  /** COSE key, base64url. */
  publicKey: string
  nonce: string
  clientDataJSON: string
  authenticatorData: string
  signature: string
}

/** Base64url of SHA-256 over a fixed word, a nonce and the digest of what is approved: signing it is signing that. */
export function challengeFor(nonce: string, digest: string): string {
  return createHash('sha256').update(`borgen approval v1\n${nonce}\n${digest}`).digest('base64url')
}

/** What the browser needs to have this person sign this approval with a passkey of theirs, within five minutes. */
export async function beginApproval(
  { db, clock, rpId }: PasskeySettings,
  approval: Pick<ApprovalRow, 'id' | 'digest'>,
  person: string,
  /** Whether a passkey that leads back to these people counts here. */
  counts: (behind: readonly string[]) => boolean,
) {
  const known = (await passkeysOf(db, person)).filter((one) => counts(one.behind))
  if (known.length === 0)
    throw new AppError('conflict', 'You have no passkey yet.', {
      remedy: 'Add one in the console, or use a one-time code (`borgen approve-code` on the host).',
    })
  const nonce = randomBytes(16).toString('base64url')
  const challenge = challengeFor(nonce, approval.digest)
  const now = clock.now()
  const expires_at = now + CHALLENGE_LIFE_MS
  await insertChallenge(
    db,
    { challenge, person, purpose: 'approve', expires_at, approval: approval.id, nonce },
    now,
  )
  return generateAuthenticationOptions({
    rpID: rpId,
    challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
    allowCredentials: known.map((one) => ({ id: one.credential_id })),
    userVerification: 'required',
  })
}

const refused = (cause?: unknown) =>
  new AppError('forbidden', 'This passkey was not accepted for this approval.', {
    remedy: 'Ask for new options and try again; each challenge is answered once, within five minutes.',
    cause,
  })

/** Uses the challenge up and checks that this person's passkey signed this very approval; `forbidden` otherwise. */
export async function verifyApproval(
  { db, clock, origin, rpId }: PasskeySettings,
  approval: Pick<ApprovalRow, 'id' | 'digest'>,
  person: string,
  response: AuthenticationResponseJSON,
): Promise<{ credential: string; counter: number; proof: PasskeyProof }> {
  const challenge = challengeIn(response.response.clientDataJSON)
  const asked = await takeChallenge(db, challenge, 'approve', clock.now())
  if (!asked?.nonce || asked.person !== person || asked.approval !== approval.id) throw refused()
  if (challenge !== challengeFor(asked.nonce, approval.digest)) throw refused()
  const passkey = await passkeyById(db, response.id)
  if (passkey?.person !== person) throw refused()
  const publicKey = new Uint8Array(passkey.public_key)
  const verified = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    credential: { id: passkey.credential_id, publicKey, counter: passkey.counter },
  }).catch((cause: unknown) => {
    throw refused(cause)
  })
  if (!verified.verified) throw refused()
  const { clientDataJSON, authenticatorData, signature } = response.response
  return {
    credential: passkey.credential_id,
    counter: verified.authenticationInfo.newCounter,
    proof: {
      method: 'passkey',
      credential: passkey.credential_id,
      publicKey: Buffer.from(passkey.public_key).toString('base64url'),
      nonce: asked.nonce,
      clientDataJSON,
      authenticatorData,
      signature,
    },
  }
}
