import { z } from 'zod'
import type { RouteContext } from '../../changes/context.ts'
import { readRoute } from '../../changes/route.ts'
import { proposeRegion } from './decide.ts'
import { REGION_IDS, REGIONS } from './model.ts'

const regionSchema = z.object({
  id: z.enum(REGION_IDS),
  title: z.string(),
  place: z.string(),
  timeZone: z.string(),
})

export function regionRoutes(context: RouteContext): void {
  readRoute(context, {
    url: '/v1/regions',
    action: 'region.list',
    summary: 'List regions',
    shapes: { reply: z.object({ items: z.array(regionSchema) }) },
    handle: async () => ({ items: REGIONS.map((region) => ({ ...region })) }),
  })
  readRoute(context, {
    url: '/v1/regions/proposal',
    action: 'region.list',
    summary: 'Propose a region for a country',
    shapes: {
      query: z.object({ country: z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 alpha-2 code in capitals') }),
      reply: z.object({ region: z.enum(REGION_IDS).nullable(), reason: z.string() }),
    },
    handle: async ({ query }) => {
      const { region, reason } = proposeRegion(query.country)
      return { region: region ?? null, reason }
    },
  })
}
