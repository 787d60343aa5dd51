import { ApiProblem, type Problem } from '../data/api.ts'

/** Why a passkey cannot be used here; `refused` when the browser or the person said no. */
export type PasskeyTrouble =
  | { kind: 'unsupported' }
  | { kind: 'refused'; said: string }
  | { kind: 'problem'; problem: Problem }

export const passkeysWork = (): boolean => {
  const api = (globalThis as { PublicKeyCredential?: { parseCreationOptionsFromJSON?: unknown } })
    .PublicKeyCredential
  return api?.parseCreationOptionsFromJSON !== undefined
}

async function post<T>(path: string, body: unknown = {}): Promise<T> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new ApiProblem(answer as Problem)
  return answer as T
}

/** Runs a ceremony and says what went wrong, if anything did. */
export async function attempt(run: () => Promise<unknown>): Promise<PasskeyTrouble | undefined> {
  if (!passkeysWork()) return { kind: 'unsupported' }
  try {
    await run()
    return undefined
  } catch (error) {
    if (error instanceof ApiProblem) return { kind: 'problem', problem: error.problem }
    return { kind: 'refused', said: error instanceof Error ? error.message : String(error) }
  }
}

/** Signs in with a passkey of this device. */
export async function signInWithPasskey(): Promise<void> {
  const options = await post<PublicKeyCredentialRequestOptionsJSON>('/sign-in/passkey/begin')
  await post('/sign-in/passkey', await assertionFor(options))
}

/** Adds a passkey of this device to whoever is signed in, who first touches one that they have. */
export async function addPasskey(): Promise<void> {
  const { registration, proof } = await post<{
    registration: PublicKeyCredentialCreationOptionsJSON
    proof: PublicKeyCredentialRequestOptionsJSON | null
  }>('/passkeys/begin')
  const touched = proof ? await assertionFor(proof) : null
  const credential = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(registration),
  })
  await post('/passkeys', { credential: (credential as PublicKeyCredential).toJSON(), proof: touched })
}

/** Asks this device to sign a challenge; the answer as the server takes it. */
export async function assertionFor(
  options: PublicKeyCredentialRequestOptionsJSON,
): Promise<Record<string, unknown>> {
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  })
  return (credential as PublicKeyCredential).toJSON() as unknown as Record<string, unknown>
}
