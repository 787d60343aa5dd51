import { z } from 'zod'
import type { LocalApi } from './local-api.ts'

/** The simulated second person: what takes two people can be tried by one. */
export const SECOND = {
  email: 'disa@borgen.localhost',
  name: 'Disa (simulated second person)',
  role: 'owner',
}

/** Invites her, unless she is there, or was and was sent away. */
export async function inviteSecondPerson(host: LocalApi): Promise<void> {
  const { items: people } = await host.get(
    '/v1/people',
    z.object({ items: z.array(z.object({ email: z.string() })) }),
  )
  if (people.some((one) => one.email === SECOND.email)) return
  await host.post('/v1/people/sign-in-links', SECOND, z.object({ url: z.string() }))
}
