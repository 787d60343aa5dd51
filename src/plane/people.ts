import { z } from 'zod'
import type { Actor } from '../access/actor.ts'
import { makeSignInLink } from '../access/sign-in.ts'
import {
  countOwners,
  disablePerson,
  enablePerson,
  insertPerson,
  listPeople,
  type PersonRow,
  personByEmail,
  personById,
  setRole,
} from '../access/store.ts'
import type { RouteContext } from '../changes/context.ts'
import { changeRoute, readRoute } from '../changes/route.ts'
import type { Db } from '../kernel/db.ts'
import { AppError } from '../kernel/errors.ts'
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

const reference = z.object({ person: z.string().max(64) })
const show = (row: PersonRow): z.infer<typeof personSchema> => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role,
  createdAt: row.created_at,
  disabledAt: row.disabled_at,
})

export function peopleRoutes(context: RouteContext, settings: { consoleOrigin: string }): void {
  const { db } = context.changes

  readRoute(context, {
    url: '/v1/people',
    action: 'person.list',
    summary: 'List people',
    shapes: { reply: z.object({ items: z.array(personSchema) }) },
    handle: async () => ({
      items: (await listPeople(db)).map(show),
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
          else if (known.disabled_at !== null) await enablePerson(tx, id, body.role)
          const token = await makeSignInLink(tx, id, now)
          return {
            status: 201,
            body: { person: id, url: `${settings.consoleOrigin}/sign-in/${token}` },
            replay: { person: id, url: null },
            type: known && known.disabled_at === null ? 'person.link-made' : 'person.invited',
            event: { person: id, role: known && known.disabled_at === null ? known.role : body.role },
          }
        },
      }
    },
  })

  const findOther = async (id: string, actor: Actor) => {
    const row = await personById(db, id)
    if (!row || row.disabled_at !== null)
      throw new AppError('not_found', 'There is no such person.', { remedy: 'GET /v1/people lists them.' })
    if (actor.kind === 'person' && actor.id === row.id)
      throw new AppError('conflict', 'Nobody changes their own place in the house.', {
        remedy: 'Ask another owner.',
      })
    return row
  }
  // asked inside the transaction: of two owners who remove each other at once, one stays
  const keepAnOwner = async (tx: Db, row: PersonRow) => {
    if (row.role === 'owner' && (await countOwners(tx)) < 2)
      throw new AppError('conflict', 'This is the last owner; nobody could run the world afterwards.', {
        remedy: 'Make somebody else an owner first.',
      })
  }

  changeRoute(context, {
    method: 'POST',
    url: '/v1/people/:person/role',
    action: 'person.change-role',
    summary: 'Change the role of a person',
    status: 200,
    shapes: {
      params: reference,
      body: z.strictObject({ role: z.enum(['owner', 'operator', 'auditor']) }),
      reply: personSchema,
    },
    prepare: async ({ params, body }, actor) => {
      const row = await findOther(params.person, actor)
      return {
        subject: 'plane',
        region: 'plane',
        resource: { type: 'Person', id: row.id },
        intent: { person: row.id, from: row.role, to: body.role },
        effect: async (tx) => {
          if (body.role !== 'owner') await keepAnOwner(tx, row)
          await setRole(tx, row.id, body.role)
          return {
            status: 200,
            body: show({ ...row, role: body.role }),
            type: 'person.role-changed',
            event: { person: row.id, from: row.role, to: body.role },
          }
        },
      }
    },
  })

  changeRoute(context, {
    method: 'DELETE',
    url: '/v1/people/:person',
    action: 'person.remove',
    summary: 'Remove a person',
    status: 200,
    shapes: { params: reference, reply: personSchema },
    prepare: async ({ params }, actor) => {
      const row = await findOther(params.person, actor)
      return {
        subject: 'plane',
        region: 'plane',
        resource: { type: 'Person', id: row.id },
        intent: { person: row.id },
        effect: async (tx, { now }) => {
          await keepAnOwner(tx, row)
          await disablePerson(tx, row.id, now)
          return {
            status: 200,
            body: show({ ...row, disabled_at: now }),
            type: 'person.removed',
            event: { person: row.id, role: row.role },
          }
        },
      }
    },
  })
}
