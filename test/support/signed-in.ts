import type { Role } from '../../src/access/actions.ts'
import { makeSignInLink } from '../../src/access/sign-in.ts'
import { createAuthenticator } from './authenticator.ts'
import { addPerson, type TestPlane } from './plane.ts'

const origin = 'https://console.borgen.localhost:8443'
const host = 'console.borgen.localhost:8443'
const rpId = 'console.borgen.localhost'

/** A person at the console with a session and a passkey, as their browser would act. */
export type SignedIn = Awaited<ReturnType<typeof signIn>>

/** A new person who came by a link of the host's, and has added a passkey. */
export async function signIn(plane: TestPlane, role: Role, email: string) {
  const id = await addPerson(plane, role, email)
  const maker = { kind: 'process', id: 'test' } as const
  const link = await makeSignInLink(plane.server.db, { person: id, maker, now: plane.clock.now() })
  const person = await openLink(plane, { id, email, link })
  const added = await person.addPasskey()
  if (added.statusCode !== 200) throw new Error(added.body)
  return person
}

/** Whoever opens a sign-in link, in a browser with an authenticator of their own or a given one. */
export async function openLink(
  plane: TestPlane,
  given: { id: string; email: string; link: string; authenticator?: ReturnType<typeof createAuthenticator> },
) {
  const { id, email, link } = given
  const authenticator = given.authenticator ?? createAuthenticator()
  const url = `/sign-in/${link.split('/').at(-1)}`
  const opened = await plane.app.inject({ method: 'POST', url, headers: { host, origin } })
  const headers = { cookie: String(opened.headers['set-cookie']).split(';')[0]!, origin }
  const post = (path: string, payload: object = {}, more: Record<string, string> = {}) =>
    plane.app.inject({ method: 'POST', url: path, headers: { ...headers, ...more }, payload })
  const get = (path: string) => plane.app.inject({ url: path, headers })
  return {
    id,
    email,
    authenticator,
    headers,
    post,
    get,
    /** Adds a passkey of `of`, touching one of `proving` where the server asks for that. */
    async addPasskey({
      of = authenticator,
      proving,
    }: {
      of?: typeof authenticator
      proving?: typeof of
    } = {}) {
      const begun = await post('/passkeys/begin', {}, { host })
      const { registration, proof } = begun.json()
      return post(
        '/passkeys',
        {
          credential: of.register({ origin, rpId, challenge: registration.challenge }),
          ...(proof && proving
            ? { proof: proving.signIn({ origin, rpId, challenge: proof.challenge }) }
            : {}),
        },
        { host },
      )
    },
    /** What the browser sends when this person touches their passkey for an approval. */
    async touch(approval: string) {
      const options = await post(`/v1/approvals/${approval}/options`)
      if (options.statusCode !== 200) throw new Error(options.body)
      const asked = (options.json() as { challenge: string }).challenge
      return authenticator.signIn({ origin, rpId, challenge: asked })
    },
    async approve(approval: string, more: object = {}, headersToo: Record<string, string> = {}) {
      const assertion = await this.touch(approval)
      return post(`/v1/approvals/${approval}/approve`, { assertion, ...more }, headersToo)
    },
  }
}
