import { z } from 'zod'
import { type Actor, isHost, peopleBehind, UNKNOWN } from '../access/actor.ts'
import { makeSignInLink } from '../access/sign-in.ts'
import {
  countOwners,
  disablePerson,
  enablePerson,
  insertPerson,
  type ListedPasskey,
  listPasskeys,
  listPeople,
  type PersonRow,
  personByEmail,
  personById,
  setRole,
  vouchFor,
} from '../access/store.ts'
import type { RouteContext } from '../changes/context.ts'
import { changeRoute, readRoute } from '../changes/route.ts'
import type { Db } from '../kernel/db.ts'
import { AppError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'

const ownerOfKey = z.object({ id: z.string(), name: z.string() })
const passkeySchema = z.object({
  name: z.string(),
  createdAt: z.number(),
  vouchedAt: z.number().nullable().describe('when somebody at the host vouched for it'),
  behind: z
    .array(ownerOfKey)
    .describe('whose links or tokens it leads back to; for what they ask for it is no second person’s'),
  isKnown: z.boolean().describe('false: it is not known how it was added, and is no second person’s at all'),
})
const personSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(['owner', 'operator', 'auditor']),
    createdAt: z.number(),
    disabledAt: z.number().nullable(),
    passkeys: z.array(passkeySchema),
  })
  .meta({ id: 'Person' })

const reference = z.object({ person: z.string().max(64) })
/** A person as they are shown, with how each of their passkeys came to be. */
const showIn = (people: readonly PersonRow[], keys: readonly ListedPasskey[]) => (row: PersonRow) => ({
  id: row.id,
  email: row.email,
  name: row.name,
  role: row.role,
  createdAt: row.created_at,
  disabledAt: row.disabled_at,
  passkeys: keys
    .filter((key) => key.person === row.id)
    .map((key) => ({
      name: key.name,
      createdAt: key.created_at,
      vouchedAt: key.vouched_at,
      behind: key.behind
        .filter((id) => id !== UNKNOWN && id !== row.id)
        .map((id) => ({ id, name: people.find((one) => one.id === id)?.name ?? id })),
      isKnown: !key.behind.includes(UNKNOWN),
    })),
})
const showOne = async (db: Db, row: PersonRow) => showIn(await listPeople(db), await listPasskeys(db))(row)

export function peopleRoutes(context: RouteContext, settings: { consoleOrigin: string }): void {
  const { db } = context.changes

  readRoute(context, {
    url: '/v1/people',
    action: 'person.list',
    summary: 'List people',
    shapes: { reply: z.object({ items: z.array(personSchema) }) },
    handle: async () => {
      const [people, keys] = await Promise.all([listPeople(db), listPasskeys(db)])
      return { items: people.map(showIn(people, keys)) }
    },
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
    prepare: async ({ body }, actor) => {
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
          const token = await makeSignInLink(tx, { person: id, maker: actor, now })
          return {
            status: 201,
            body: { person: id, url: `${settings.consoleOrigin}/sign-in/${token}` },
            replay: { person: id, url: null },
            type: known && known.disabled_at === null ? 'person.link-made' : 'person.invited',
            event: {
              person: id,
              role: known && known.disabled_at === null ? known.role : body.role,
              behind: peopleBehind(actor),
              isForAnother: !(actor.kind === 'person' && actor.id === id),
            },
          }
        },
      }
    },
  })

  changeRoute(context, {
    method: 'POST',
    url: '/v1/people/vouchers',
    action: 'person.vouch',
    summary: 'Vouch for a person',
    status: 201,
    shapes: { body: z.strictObject({ email: z.email().max(254) }), reply: personSchema },
    prepare: async ({ body }, actor) => {
      if (!isHost(actor))
        throw new AppError('forbidden', 'Only somebody at the host can vouch for a person.', {
          remedy: 'Run `borgen person vouch` on the machine that Borgen runs on, as the user who started it.',
        })
      const row = await personByEmail(db, body.email)
      if (!row || row.disabled_at !== null)
        throw new AppError('not_found', 'Nobody here has this address.', {
          remedy: 'See `borgen person list`.',
        })
      return {
        subject: 'plane',
        region: 'plane',
        resource: { type: 'Person', id: row.id },
        intent: { person: row.id },
        effect: async (tx, { now }) => {
          const passkeys = await vouchFor(tx, row.id, now)
          if (passkeys.length === 0)
            throw new AppError(
              'conflict',
              'This person has no passkey yet, so there is nothing to vouch for.',
              {
                remedy:
                  'They add one first. Or make their link here: `borgen sign-in-link` is the host’s word already.',
              },
            )
          return {
            status: 201,
            body: await showOne(tx, row),
            type: 'person.vouched',
            event: { person: row.id, passkeys },
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
            body: await showOne(tx, { ...row, role: body.role }),
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
            body: await showOne(tx, { ...row, disabled_at: now }),
            type: 'person.removed',
            event: { person: row.id, role: row.role },
          }
        },
      }
    },
  })
}
