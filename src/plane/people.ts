import { z } from 'zod'
import { makeSignInLink } from '../access/sign-in.ts'
import { insertPerson, listPeople, personByEmail } from '../access/store.ts'
import type { RouteContext } from '../changes/context.ts'
import { changeRoute, readRoute } from '../changes/route.ts'
import { newId } from '../kernel/ids.ts'

const personSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(['owner', 'operator', 'auditor']),
    createdAt: z.number(),
    disabledAt: z.number().nullable(),
  })
  .meta({ id: 'Person' })

export function peopleRoutes(context: RouteContext, settings: { consoleOrigin: string }): void {
  const { db } = context.changes

  readRoute(context, {
    url: '/v1/people',
    action: 'person.list',
    summary: 'List people',
    shapes: { reply: z.object({ items: z.array(personSchema) }) },
    handle: async () => ({
      items: (await listPeople(db)).map((row) => ({
        id: row.id,
        email: row.email,
        name: row.name,
        role: row.role,
        createdAt: row.created_at,
        disabledAt: row.disabled_at,
      })),
    }),
  })

  changeRoute(context, {
    method: 'POST',
    url: '/v1/people/sign-in-links',
    action: 'person.invite',
    summary: 'Make a one-time sign-in link',
    status: 201,
    shapes: {
      body: z.strictObject({
        email: z.email().max(254),
        name: z.string().trim().min(1).max(100).optional(),
        role: z
          .enum(['owner', 'operator', 'auditor'])
          .default('operator')
          .describe('for a person who is new'),
      }),
      reply: z.object({
        person: z.string(),
        url: z.string().nullable().describe('works once, within a day; shown once'),
      }),
    },
    prepare: async ({ body }) => {
      const known = await personByEmail(db, body.email)
      const id = known?.id ?? newId('per')
      return {
        subject: 'plane',
        region: 'plane',
        resource: { type: 'Person', id },
        intent: { person: id, email: body.email },
        effect: async (tx, { now }) => {
          if (!known)
            await insertPerson(tx, {
              id,
              email: body.email,
              name: body.name ?? body.email,
              role: body.role,
              created_at: now,
              disabled_at: null,
            })
          const token = await makeSignInLink(tx, id, now)
          return {
            status: 201,
            body: { person: id, url: `${settings.consoleOrigin}/sign-in/${token}` },
            replay: { person: id, url: null },
            type: known ? 'person.link-made' : 'person.invited',
            event: { person: id, role: known?.role ?? body.role },
          }
        },
      }
    },
  })
}
