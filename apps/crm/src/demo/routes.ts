import * as z from 'zod'
import { Problem } from '../http/problem.ts'
import { noContent, type Reply, route, type SignedIn } from '../http/route.ts'
import { audit } from '../records/change.ts'
import { readBody } from '../records/resource.ts'

const body = z.strictObject({ variant: z.enum(['nordwind', 'harbour']).default('nordwind') })

/** For whoever tries this CRM out: invented customers, deals and invoices, into an empty one only. */
async function plantSampleData(context: SignedIn): Promise<Reply> {
  const { variant } = await readBody(context, body)
  const { database, config } = context.app
  const { seedDemo } = await import('./seed-demo.ts')
  if (!(await seedDemo(database, variant, config.filesDir)))
    throw new Problem(409, 'Sample data goes into an empty CRM only, and this one is in use.')
  audit(context, { action: 'created', entity: 'sample-data', id: null })
  return noContent()
}

export const demoRoutes = [route('admin', 'POST', '/api/sample-data', plantSampleData)]
