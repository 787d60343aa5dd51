import { z } from 'zod'
import { SCOPES } from '../access/actions.ts'
import { actorRef, peopleBehindToken } from '../access/actor.ts'
import { hashOfToken, newSecretToken } from '../access/secret-token.ts'
import { insertToken, listTokens, revokeToken, type TokenRow, tokenById } from '../access/store.ts'
import type { RouteContext } from '../changes/context.ts'
import { changeRoute, readRoute } from '../changes/route.ts'
import { AppError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'

const LIFE_DAYS_AT_MOST = 366
const DAY_MS = 24 * 60 * 60 * 1000
const RANK = { auditor: 0, operator: 1, owner: 2 } as const

const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    role: z.enum(['owner', 'operator', 'auditor']),
    createdBy: z.string(),
    createdAt: z.number(),
    expiresAt: z.number().nullable(),
    lastUsedAt: z.number().nullable(),
    revokedAt: z.number().nullable(),
  })
  .meta({ id: 'Token' })

const show = (row: TokenRow): z.infer<typeof tokenSchema> => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  role: row.role,
  createdBy: row.created_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
})

export function tokenRoutes(context: RouteContext): void {
  const { db } = context.changes
  const plane = { subject: 'plane', region: 'plane' }

  readRoute(context, {
    url: '/v1/tokens',
    action: 'token.list',
    summary: 'List tokens',
    shapes: {
      query: z.object({
        after: z
          .string()
          .regex(/^tok_[0-9a-z]{26}$/, 'the id of the last token seen')
          .optional(),
        limit: z.coerce.number().int().min(1).max(100).default(100),
      }),
      reply: z.object({ items: z.array(tokenSchema), next: z.string().nullable() }),
    },
    handle: async ({ query }) => {
      const rows = await listTokens(db, query.after, query.limit)
      return { items: rows.map(show), next: rows.length === query.limit ? rows.at(-1)!.id : null }
    },
  })

  changeRoute(context, {
    method: 'POST',
    url: '/v1/tokens',
    action: 'token.create',
    summary: 'Create a token',
    status: 201,
    shapes: {
      body: z.strictObject({
        name: z.string().trim().min(1).max(100),
        scopes: z
          .array(z.string().refine((scope) => SCOPES.includes(scope), `one of ${SCOPES.join(', ')}`))
          .min(1)
          .max(50),
        role: z.enum(['owner', 'operator', 'auditor']).default('operator'),
        days: z.number().int().min(1).max(LIFE_DAYS_AT_MOST).default(90),
      }),
      reply: tokenSchema.extend({ token: z.string().nullable().describe('shown once') }),
    },
    prepare: async ({ body }, actor) => {
      // nobody makes a token that may do more than its maker
      if (actor.kind !== 'process' && RANK[body.role] > RANK[actor.role])
        throw new AppError('forbidden', `Your role (${actor.role}) cannot make a token for ${body.role}s.`, {
          remedy: 'Choose your own role or a lower one.',
        })
      if (
        actor.kind === 'token' &&
        !actor.scopes.includes('*') &&
        body.scopes.some((scope) => !covers(actor.scopes, scope))
      )
        throw new AppError('forbidden', 'A token cannot make another one with scopes it does not have.', {
          remedy: `Leave out what is not among: ${actor.scopes.join(', ')}.`,
        })
      const id = newId('tok')
      const token = newSecretToken('bgn')
      return {
        ...plane,
        resource: { type: 'Token', id },
        intent: { name: body.name, scopes: body.scopes, role: body.role, days: body.days },
        effect: async (tx, { now }) => {
          const row: TokenRow = {
            id,
            name: body.name,
            token_hash: hashOfToken(token),
            scopes: body.scopes,
            role: body.role,
            created_by: actorRef(actor),
            behind: peopleBehindToken(actor),
            created_at: now,
            expires_at: now + body.days * DAY_MS,
            last_used_at: null,
            revoked_at: null,
          }
          await insertToken(tx, row)
          return {
            status: 201,
            body: { ...show(row), token },
            replay: { ...show(row), token: null },
            type: 'token.created',
            event: { token: id, scopes: body.scopes, role: body.role },
          }
        },
      }
    },
  })

  changeRoute(context, {
    method: 'DELETE',
    url: '/v1/tokens/:token',
    action: 'token.revoke',
    summary: 'Revoke a token',
    status: 200,
    shapes: { params: z.object({ token: z.string().max(64) }), reply: tokenSchema },
    prepare: async ({ params }) => {
      const row = await tokenById(db, params.token)
      if (!row)
        throw new AppError('not_found', 'There is no such token.', { remedy: 'See `borgen token list`.' })
      return {
        ...plane,
        resource: { type: 'Token', id: row.id },
        effect: async (tx, { now }) => {
          await revokeToken(tx, row.id, now)
          return {
            status: 200,
            body: show((await tokenById(tx, row.id))!),
            type: 'token.revoked',
            event: { token: row.id },
          }
        },
      }
    },
  })
}

function covers(scopes: string[], scope: string): boolean {
  return scopes.includes(scope) || scopes.includes(`${scope.split('.')[0]}.*`)
}
