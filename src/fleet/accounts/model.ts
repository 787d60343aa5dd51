import { Temporal } from 'temporal-polyfill'
import { z } from 'zod'
import { REGION_IDS } from '../regions/model.ts'
import type { AccountRow } from './store.ts'

/** How long a trial lasts, in calendar days of the account's time zone. */
export const TRIAL_DAYS = 14

const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((value) => !/\p{Cc}/u.test(value), 'text without control characters')

export const signUpSchema = z.strictObject({
  company: text(200),
  email: z.email().max(254),
  country: z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 alpha-2 code in capitals, such as SE'),
  region: z
    .enum(REGION_IDS)
    .optional()
    .describe('confirms the region; without it one is proposed and nothing is created'),
  plan: z.enum(['trial', 'free', 'paid']).default('trial'),
  app: z.string().max(40).optional().describe('the app to run; the first one that was added when left away'),
  start: z.enum(['now', 'on-first-request']).default('now'),
})

export const accountSchema = z
  .object({
    id: z.string(),
    slug: z.string(),
    company: z.string(),
    email: z.string(),
    country: z.string(),
    region: z.enum(REGION_IDS),
    timeZone: z.string(),
    plan: z.enum(['trial', 'free', 'paid']),
    state: z.enum(['active', 'suspended', 'deleted']),
    trialEndsOn: z.string().nullable().describe('calendar date in the account’s time zone'),
    createdAt: z.number(),
  })
  .meta({ id: 'Account' })

export function showAccount(row: AccountRow): z.infer<typeof accountSchema> {
  return {
    id: row.id,
    slug: row.slug,
    company: row.company,
    email: row.email,
    country: row.country,
    region: row.region,
    timeZone: row.time_zone,
    plan: row.plan,
    state: row.state,
    trialEndsOn: row.trial_ends_on,
    createdAt: row.created_at,
  }
}

/** The last calendar day of a trial that begins now, in the account's time zone. */
export function trialEnd(nowMs: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(nowMs)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .add({ days: TRIAL_DAYS })
    .toString()
}

/** A host label from a company's name, not among those taken: `Åkes Bygg AB` → `akes-bygg-ab`, then `akes-bygg-ab-2`. */
export function slugFor(company: string, taken: readonly string[]): string {
  const plain = company
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[æœ]/g, 'ae')
    .replace(/ø/g, 'o')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 32)
    .replace(/-+$/, '')
  // an IDNA label has hyphens in places three and four; ours never does
  const base = (plain || 'customer').replace(/^(..)--/, '$1-')
  if (!taken.includes(base)) return base
  for (let count = 2; ; count++) if (!taken.includes(`${base}-${count}`)) return `${base}-${count}`
}
