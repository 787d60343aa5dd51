import { z } from 'zod'
import type { LocalApi } from './local-api.ts'

/** The simulated second person: what takes two people can be tried by one. */
export const SECOND = {
  email: 'disa@borgen.localhost',
  name: 'Disa (simulated second person)',
  role: 'owner',
}
const FIRST = 'operator@borgen.localhost'

/** Looked at so often that what is broken on purpose shows within a minute, and is whole again as soon. */
const QUICK = [
  'logs.isolated',
  'isolation.single-tenant',
  'transport.tls',
  'transport.pfs-hsts',
  'encryption.disks',
  'location.pinned',
]

const OVERVIEW = `# The demo's overview: the register as it is, only looked at far more often.
overview: 1
vendor: The demo of Borgen
promises:
${QUICK.map((id) => `  ${id}: { every: PT30S }`).join('\n')}
`

const approvalSchema = z.object({ id: z.string() })

/**
 * Puts the demo's overview into force and has its places attested, the way anybody would: asked for by the operator, agreed to by
 * the second person with a one-time code. What is there already stays as it is.
 */
export async function seedPromises(host: LocalApi): Promise<void> {
  const { items: people } = await host.get(
    '/v1/people',
    z.object({ items: z.array(z.object({ email: z.string() })) }),
  )
  if (!people.some((one) => one.email === SECOND.email))
    await host.post('/v1/people/sign-in-links', SECOND, z.object({ url: z.string() }))
  const { inForce } = await host.get('/v1/overview', z.object({ inForce: z.object({}).nullable() }))
  const missing = await missingPlaces(host)
  if (inForce && missing.length === 0) return

  const { now } = await host.get('/v1/demo', z.object({ now: z.number() }))
  // Whoever asks cannot also make the code that approves: asking has a token of its own, for this alone.
  const scopes = ['overview.propose', 'attestation.sign']
  const { id, token } = await host.post(
    '/v1/tokens',
    { name: 'The demo’s seed', scopes, role: 'owner', days: 1 },
    z.object({ id: z.string(), token: z.string() }),
  )
  const asking = host.with(token)
  if (!inForce) {
    const asked = await asking.post(
      '/v1/overview/proposals',
      { overview: OVERVIEW, by: FIRST },
      z.object({ approval: approvalSchema }),
    )
    await approve(host, asked.approval.id)
  }
  for (const place of missing) {
    const asked = await asking.post(
      '/v1/attestations',
      { ...place, by: FIRST, expiresAt: now + 365 * 86_400_000 },
      z.object({ approval: approvalSchema }),
    )
    await approve(host, asked.approval.id)
  }
  await host.delete(`/v1/tokens/${id}`)
}

async function approve(host: LocalApi, approval: string): Promise<void> {
  const { code } = await host.post(
    `/v1/approvals/${approval}/codes`,
    { email: SECOND.email },
    z.object({ code: z.string() }),
  )
  await host.post(`/v1/approvals/${approval}/approve`, { code }, z.object({}))
}

type Place = { promise: string; subject: string; statement: string }

/** The places that this world leans on and nobody attests yet. */
async function missingPlaces(_host: LocalApi): Promise<Place[]> {
  return []
}
