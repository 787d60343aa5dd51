import { z } from 'zod'
import type { Instance } from './store.ts'

/** Signals on this channel carry the id of an instance whose row has changed. */
export const INSTANCE_CHANNEL = 'fleet_instances'

export const instanceSchema = z
  .object({
    id: z.string(),
    account: z.string(),
    slug: z.string(),
    company: z.string(),
    region: z.string(),
    host: z.string(),
    url: z.string(),
    app: z.string(),
    version: z.string(),
    desired: z.enum(['awake', 'asleep', 'suspended', 'destroyed']),
    observed: z.enum(['absent', 'asleep', 'starting', 'awake', 'stopping', 'failed', 'destroyed']),
    step: z.string(),
    failure: z.string().nullable(),
    limits: z.record(z.string(), z.unknown()).nullable(),
    lastUsedAt: z
      .number()
      .nullable()
      .describe('milliseconds since 1970, UTC; what the manifest counts as use'),
    lastRequestAt: z.number(),
    createdAt: z.number(),
    destroyedAt: z.number().nullable(),
  })
  .meta({ id: 'Instance' })

export function showInstance(row: Instance, urlOf: (host: string) => string): z.infer<typeof instanceSchema> {
  return {
    id: row.id,
    account: row.account,
    slug: row.slug,
    company: row.company,
    region: row.region,
    host: row.host,
    url: urlOf(row.host),
    app: row.app,
    version: row.version,
    desired: row.desired,
    observed: row.observed,
    step: row.step,
    failure: row.failure,
    limits: row.limits,
    lastUsedAt: row.last_used_at,
    lastRequestAt: row.last_request_at,
    createdAt: row.created_at,
    destroyedAt: row.destroyed_at,
  }
}
