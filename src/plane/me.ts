import { z } from 'zod'
import { ACTIONS } from '../access/actions.ts'
import { actorRef, UNKNOWN } from '../access/actor.ts'
import type { Authentication } from '../access/authenticate.ts'
import { isPermitted } from '../access/authorise.ts'
import { linksByOthers, listPeople, passkeysOf, personById } from '../access/store.ts'
import type { RouteContext } from '../changes/context.ts'
import { readRoute } from '../changes/route.ts'
import type { WorldConfig } from '../kernel/boot.ts'
import { nameOf } from './approvals/approvers.ts'
import { who } from './shapes.ts'

const SHOWN_MS = 30 * 24 * 60 * 60 * 1000

const meSchema = z
  .object({
    person: z
      .object({
        id: z.string(),
        name: z.string(),
        email: z.string(),
        role: z.enum(['owner', 'operator', 'auditor']),
      })
      .nullable()
      .describe('null for a token or a process'),
    actor: z.string(),
    may: z.array(z.enum(ACTIONS)).describe('what the policy lets this one do'),
    world: z.object({
      id: z.string(),
      demo: z.boolean(),
      planeDomain: z.string(),
      appsDomain: z.string(),
      name: z.string(),
    }),
    passkeys: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        createdAt: z.number(),
        lastUsedAt: z.number().nullable(),
      }),
    ),
    links: z
      .array(z.object({ by: who, at: z.number(), usedAt: z.number().nullable() }))
      .describe('sign-in links that others made for this person in the last 30 days'),
    session: z
      .object({ since: z.number(), until: z.number(), method: z.enum(['link', 'passkey']) })
      .nullable(),
  })
  .meta({ id: 'Me' })

export function meRoutes(
  context: RouteContext,
  { authentication, config }: { authentication: Authentication; config: WorldConfig },
): void {
  const { db, clock } = context.changes

  readRoute(context, {
    url: '/v1/me',
    action: 'me.read',
    summary: 'Show who asks',
    shapes: { reply: meSchema },
    handle: async ({ request }, actor) => {
      const id = actor.kind === 'person' ? actor.id : undefined
      const [person, passkeys, session, links, people] = await Promise.all([
        id === undefined ? undefined : personById(db, id),
        id === undefined ? [] : passkeysOf(db, id),
        id === undefined ? undefined : authentication.sessionOf(request),
        id === undefined ? [] : linksByOthers(db, id, clock.now() - SHOWN_MS),
        id === undefined ? [] : listPeople(db),
      ])
      return {
        person: person ? { id: person.id, name: person.name, email: person.email, role: person.role } : null,
        actor: actorRef(actor),
        may: ACTIONS.filter((action) => isPermitted(actor, action, { type: 'World', id: 'world' })),
        world: {
          id: config.worldId,
          demo: config.demo,
          planeDomain: config.planeDomain,
          appsDomain: config.appsDomain,
          name: config.planeDomain,
        },
        passkeys: passkeys.map((one) => ({
          id: one.credential_id,
          name: one.name,
          createdAt: one.created_at,
          lastUsedAt: one.last_used_at,
        })),
        links: await Promise.all(
          links.map(async (one) => ({
            by:
              one.made_by === UNKNOWN
                ? { id: UNKNOWN, name: UNKNOWN }
                : await nameOf(db, people, one.made_by),
            at: one.created_at,
            usedAt: one.used_at,
          })),
        ),
        session: session ? { since: session.sinceMs, until: session.untilMs, method: session.method } : null,
      }
    },
  })
}
