import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import type { Clock } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import { AppError } from '../kernel/errors.ts'
import {
  insertChallenge,
  insertPasskey,
  passkeyById,
  passkeysOf,
  personById,
  takeChallenge,
  usePasskey,
} from './store.ts'

const CHALLENGE_LIFE_MS = 5 * 60 * 1000

export type PasskeySettings = { db: Db; clock: Clock; origin: string; rpId: string }

const refused = (cause?: unknown) =>
  new AppError('unauthenticated', 'This passkey was not accepted.', {
    remedy: 'Try again, or use a one-time link.',
    cause,
  })

/** What the browser needs to make a passkey for this person (WebAuthn Level 3). */
export async function beginRegistration(
  { db, clock, rpId }: PasskeySettings,
  person: { id: string; name: string; email: string },
) {
  const known = await passkeysOf(db, person.id)
  const options = await generateRegistrationOptions({
    rpName: 'Borgen',
    rpID: rpId,
    userID: new Uint8Array(Buffer.from(person.id)),
    userName: person.email,
    userDisplayName: person.name,
    attestationType: 'none',
    excludeCredentials: known.map((one) => ({ id: one.credential_id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  const now = clock.now()
  const expires_at = now + CHALLENGE_LIFE_MS
  const row = { challenge: options.challenge, person: person.id, purpose: 'register', expires_at } as const
  await insertChallenge(db, row, now)
  return options
}

export async function finishRegistration(
  { db, clock, origin, rpId }: PasskeySettings,
  person: string,
  response: RegistrationResponseJSON,
  name: string,
): Promise<void> {
  const challenge = challengeIn(response.response.clientDataJSON)
  const asked = await takeChallenge(db, challenge, 'register', clock.now())
  if (asked?.person !== person) throw refused()
  const verified = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
  }).catch((cause: unknown) => {
    throw refused(cause)
  })
  if (!verified.verified || !verified.registrationInfo) throw refused()
  const { credential } = verified.registrationInfo
  await insertPasskey(db, {
    credential_id: credential.id,
    person,
    public_key: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    name,
    created_at: clock.now(),
    last_used_at: null,
  })
}

/** A challenge for whoever holds a passkey of this console; it names nobody. */
export async function beginSignIn({ db, clock, rpId }: PasskeySettings) {
  const options = await generateAuthenticationOptions({ rpID: rpId, userVerification: 'required' })
  const now = clock.now()
  const expires_at = now + CHALLENGE_LIFE_MS
  const row = { challenge: options.challenge, person: null, purpose: 'sign-in', expires_at } as const
  await insertChallenge(db, row, now)
  return options
}

/** The person who signed the challenge; AppError `unauthenticated` otherwise. */
export async function finishSignIn(
  { db, clock, origin, rpId }: PasskeySettings,
  response: AuthenticationResponseJSON,
): Promise<string> {
  const challenge = challengeIn(response.response.clientDataJSON)
  if (!(await takeChallenge(db, challenge, 'sign-in', clock.now()))) throw refused()
  const passkey = await passkeyById(db, response.id)
  const person = passkey && (await personById(db, passkey.person))
  if (!passkey || !person || person.disabled_at !== null) throw refused()
  const verified = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: rpId,
    requireUserVerification: true,
    credential: {
      id: passkey.credential_id,
      publicKey: new Uint8Array(passkey.public_key),
      counter: passkey.counter,
    },
  }).catch((cause: unknown) => {
    throw refused(cause)
  })
  if (!verified.verified) throw refused()
  await usePasskey(db, passkey.credential_id, verified.authenticationInfo.newCounter, clock.now())
  return passkey.person
}

/** The challenge that a browser says it signed, unchecked; `unauthenticated` when there is none. */
export function challengeIn(clientDataJson: string): string {
  try {
    const parsed = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString()) as { challenge?: unknown }
    if (typeof parsed.challenge === 'string') return parsed.challenge
  } catch {}
  throw refused()
}
