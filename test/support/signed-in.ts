import type { Role } from '../../src/access/actions.ts'
import { beginRegistration, finishRegistration } from '../../src/access/passkeys.ts'
import { openSession } from '../../src/access/sign-in.ts'
import { createAuthenticator } from './authenticator.ts'
import { addPerson, type TestPlane } from './plane.ts'

const origin = 'https://console.borgen.localhost:8443'
const rpId = 'console.borgen.localhost'

/** A person at the console with a session and a passkey, as their browser would act. */
export type SignedIn = Awaited<ReturnType<typeof signIn>>

export async function signIn(plane: TestPlane, role: Role, email: string) {
  const id = await addPerson(plane, role, email)
  const authenticator = createAuthenticator()
  const settings = { db: plane.server.db, clock: plane.clock, origin, rpId }
  const { challenge } = await beginRegistration(settings, { id, name: email, email })
  await finishRegistration(settings, id, authenticator.register({ origin, rpId, challenge }), 'a passkey')
  const session = await openSession(plane.server.db, id, 'passkey', plane.clock.now())
  const headers = { cookie: `__Host-borgen=${session}`, origin }
  const post = (url: string, payload: object = {}, more: Record<string, string> = {}) =>
    plane.app.inject({ method: 'POST', url, headers: { ...headers, ...more }, payload })
  const get = (url: string) => plane.app.inject({ url, headers })
  return {
    id,
    email,
    authenticator,
    headers,
    post,
    get,
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
