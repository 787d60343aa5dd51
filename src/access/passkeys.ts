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
import type { Session } from './authenticate.ts'
import {
  insertChallenge,
  insertPasskey,
  type PasskeyRow,
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

/** In which a passkey is added: who it is of, and how it began. */
export type EnrolmentSession = Pick<Session, 'id' | 'person' | 'method' | 'behind'>

/**
 * Whether one of the passkeys that this person has must be touched to add another: always, but in a session that began with a
 * link of the host's, which is the way back for who has lost theirs.
 */
const needsProof = (session: EnrolmentSession, known: readonly unknown[]) =>
  known.length > 0 && !(session.method === 'link' && session.behind.length === 0)

/** What the browser needs to make a passkey for who is signed in (WebAuthn Level 3), and first to touch one they have (`proof`). */
export async function beginRegistration(
  { db, clock, rpId }: PasskeySettings,
  person: { id: string; name: string; email: string },
  session: EnrolmentSession,
) {
  const known = await passkeysOf(db, person.id)
  const registration = await generateRegistrationOptions({
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
  const expected = { person: person.id, session: session.id, expires_at }
  await insertChallenge(db, { ...expected, challenge: registration.challenge, purpose: 'register' }, now)
  if (!needsProof(session, known)) return { registration, proof: null }
  const proof = await generateAuthenticationOptions({
    rpID: rpId,
    allowCredentials: known.map((one) => ({ id: one.credential_id })),
    userVerification: 'required',
  })
  await insertChallenge(db, { ...expected, challenge: proof.challenge, purpose: 'prove' }, now)
  return { registration, proof }
}

/**
 * Adds a passkey to who is signed in; AppError `forbidden` where one of theirs must be touched and was not. The new one leads back
 * to whom that one, or else the session, leads back to.
 */
export async function finishRegistration(
  settings: PasskeySettings,
  session: EnrolmentSession,
  given: { credential: RegistrationResponseJSON; proof?: AuthenticationResponseJSON; name: string },
): Promise<{ credential: string; behind: readonly string[] }> {
  const { db, clock, origin, rpId } = settings
  const { credential: response, proof, name } = given
  const { person } = session
  const challenge = challengeIn(response.response.clientDataJSON)
  const asked = await takeChallenge(db, challenge, 'register', clock.now())
  if (asked?.person !== person || asked.session !== session.id) throw refused()
  const isProved = needsProof(session, await passkeysOf(db, person))
  if (isProved && !proof)
    throw new AppError('forbidden', 'Who has a passkey adds another one by touching one that they have.', {
      remedy: 'Touch yours. If it is lost, have a link made on the host: `borgen sign-in-link`.',
    })
  const behind = isProved ? await proveOwn(settings, session, proof!) : session.behind
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
  if (await passkeyById(db, credential.id))
    throw new AppError('conflict', 'This passkey was added before.', { remedy: 'Use another one.' })
  await insertPasskey(db, {
    credential_id: credential.id,
    person,
    public_key: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    name,
    behind: [...behind],
    vouched_at: null,
    created_at: clock.now(),
    last_used_at: null,
  })
  return { credential: credential.id, behind }
}

/** Whom the touched passkey of this person leads back to; `unauthenticated` unless it signed the challenge of this session. */
async function proveOwn(
  { db, clock, origin, rpId }: PasskeySettings,
  session: EnrolmentSession,
  response: AuthenticationResponseJSON,
): Promise<string[]> {
  const challenge = challengeIn(response.response.clientDataJSON)
  const asked = await takeChallenge(db, challenge, 'prove', clock.now())
  if (asked?.person !== session.person || asked.session !== session.id) throw refused()
  const passkey = await passkeyById(db, response.id)
  if (passkey?.person !== session.person) throw refused()
  await verifySigned({ db, clock, origin, rpId }, passkey, { challenge, response })
  return passkey.behind
}

/** Checks a signature of this passkey and counts it; `unauthenticated` otherwise. */
async function verifySigned(
  { db, clock, origin, rpId }: PasskeySettings,
  passkey: PasskeyRow,
  { challenge, response }: { challenge: string; response: AuthenticationResponseJSON },
): Promise<void> {
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

/** The passkey that signed the challenge; AppError `unauthenticated` otherwise. */
export async function finishSignIn(
  settings: PasskeySettings,
  response: AuthenticationResponseJSON,
): Promise<PasskeyRow> {
  const { db, clock } = settings
  const challenge = challengeIn(response.response.clientDataJSON)
  if (!(await takeChallenge(db, challenge, 'sign-in', clock.now()))) throw refused()
  const passkey = await passkeyById(db, response.id)
  const person = passkey && (await personById(db, passkey.person))
  if (!passkey || !person || person.disabled_at !== null) throw refused()
  await verifySigned(settings, passkey, { challenge, response })
  return passkey
}

/** The challenge that a browser says it signed, unchecked; `unauthenticated` when there is none. */
export function challengeIn(clientDataJson: string): string {
  try {
    const parsed = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString()) as { challenge?: unknown }
    if (typeof parsed.challenge === 'string') return parsed.challenge
  } catch {}
  throw refused()
}
