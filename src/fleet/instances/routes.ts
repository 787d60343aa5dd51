import { z } from 'zod'
import type { Action } from '../../access/actions.ts'
import { actorRef } from '../../access/actor.ts'
import type { RouteContext } from '../../changes/context.ts'
import { changeRoute, readRoute } from '../../changes/route.ts'
import { AppError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { nudge } from '../../kernel/jobs.ts'
import type { LedgerClient } from '../../ledger/client/client.ts'
import { logPageSchema, readPage } from '../../ledger/client/page.ts'
import type { FleetSettings } from '../accounts/routes.ts'
import { insertAccountEvent } from '../accounts/store.ts'
import { decodeCursor, pageOf, pageQuery, sortBy, toPage } from '../cursor.ts'
import { REGION_IDS } from '../regions/model.ts'
import { instanceSchema, showInstance } from './model.ts'
import { type Desired, type Instance, instanceBy, listInstances, SHOWN_STATES, setDesired } from './store.ts'

const listQuery = pageQuery.extend({
  q: z.string().trim().max(100).optional().describe('part of the company, host, address or id'),
  state: z.enum(SHOWN_STATES).optional(),
  region: z.enum(REGION_IDS).optional(),
  app: z.string().max(40).optional(),
  plan: z.enum(['trial', 'free', 'paid']).optional(),
  sort: sortBy('created', 'company', 'region', 'state', 'app', 'used'),
})
const reference = z.object({ instance: z.string().min(1).max(253) })

export function instanceRoutes(context: RouteContext, settings: FleetSettings, ledger: LedgerClient): void {
  const { db } = context.changes

  const find = async (ref: string): Promise<Instance> => {
    const row = await instanceBy(db, ref)
    if (!row)
      throw new AppError('not_found', 'There is no such instance.', { remedy: 'See `borgen instance list`.' })
    return row
  }
  const resource = ({ params }: { params: { instance: string } }) => ({
    type: 'Instance',
    id: params.instance,
  })

  readRoute(context, {
    url: '/v1/instances',
    action: 'instance.list',
    summary: 'List instances',
    shapes: { query: listQuery, reply: pageOf(instanceSchema) },
    handle: async ({ query: { after, limit, sort, ...filter } }) =>
      toPage(
        await listInstances(db, filter, { after: decodeCursor(after, sort), limit, sort }),
        { limit, sort },
        (row) => showInstance(row, settings.urlOf),
      ),
  })

  readRoute(context, {
    url: '/v1/instances/:instance',
    action: 'instance.read',
    summary: 'Show an instance',
    resource,
    shapes: { params: reference, reply: instanceSchema },
    handle: async ({ params }) => showInstance(await find(params.instance), settings.urlOf),
  })

  readRoute(context, {
    url: '/v1/instances/:instance/logs',
    action: 'instance.logs',
    summary: 'Read the log of an instance',
    logged: true,
    resource,
    shapes: {
      params: reference,
      query: z.object({
        from: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
        limit: z.coerce.number().int().min(1).max(100).default(100),
        reverse: z.enum(['true', 'false']).default('false'),
      }),
      reply: logPageSchema,
    },
    handle: async ({ params, query }) => {
      const { id } = await find(params.instance)
      return readPage(ledger, {
        subject: id,
        from: query.from,
        limit: query.limit,
        reverse: query.reverse === 'true',
      })
    },
  })

  const wish = (
    verb: 'wake' | 'sleep' | 'suspend' | 'resume',
    desired: Desired,
    type: string,
    refusal: (row: Instance) => string | undefined,
  ) =>
    changeRoute(context, {
      method: 'POST',
      url: `/v1/instances/:instance/${verb}`,
      action: `instance.${verb}` as Action,
      summary: `${verb[0]!.toUpperCase()}${verb.slice(1)} an instance`,
      status: 202,
      shapes: { params: reference, reply: instanceSchema },
      prepare: async ({ params }, actor) => {
        const row = await find(params.instance)
        const reason = row.desired === 'destroyed' ? 'It is being destroyed.' : refusal(row)
        if (reason) throw new AppError('conflict', reason, { remedy: 'See `borgen instance show`.' })
        return {
          resource: { type: 'Instance', id: row.id },
          subject: row.id,
          region: row.region,
          effect: async (tx, { now }) => {
            if (!(await setDesired(tx, row.id, desired, now)))
              throw new AppError('conflict', 'It is being destroyed.', {
                remedy: 'See `borgen instance show`.',
              })
            await insertAccountEvent(tx, {
              id: newId('evt'),
              account: row.account,
              at: now,
              type,
              actor: actorRef(actor),
              data: { instance: row.id },
            })
            await nudge(tx, 'instances')
            return {
              status: 202,
              body: showInstance((await instanceBy(tx, row.id))!, settings.urlOf),
              type,
              event: { instance: row.id, account: row.account, from: row.desired, to: desired },
            }
          },
        }
      },
    })

  const notWhileSuspended = (row: Instance) =>
    row.desired === 'suspended' ? 'It is suspended; resume it first.' : undefined
  wish('wake', 'awake', 'instance.wake-wished', notWhileSuspended)
  wish('sleep', 'asleep', 'instance.sleep-wished', notWhileSuspended)
  wish('suspend', 'suspended', 'instance.suspension-wished', () => undefined)
  wish('resume', 'awake', 'instance.resumption-wished', (row) =>
    row.desired === 'suspended' ? undefined : 'It is not suspended.',
  )

  changeRoute(context, {
    method: 'DELETE',
    url: '/v1/instances/:instance',
    action: 'instance.destroy',
    summary: 'Destroy an instance',
    status: 202,
    shapes: {
      params: reference,
      body: z
        .strictObject({
          confirm: z.string().max(64).optional().describe('the account’s slug, typed by a person'),
        })
        .nullish(),
      reply: instanceSchema,
    },
    prepare: async ({ params, body }, actor) => {
      const row = await find(params.instance)
      if (row.destroyed_at !== null || row.desired === 'destroyed')
        throw new AppError('conflict', 'It is being destroyed already.', {
          remedy: 'See `borgen instance show`.',
        })
      if (body?.confirm !== row.slug)
        throw new AppError(
          'confirmation_needed',
          `This would destroy the instance of ${row.company}. Nothing was destroyed yet.`,
          {
            remedy: `Repeat the request with \`confirm\` set to "${row.slug}".`,
            detail: {
              instance: row.id,
              confirm: row.slug,
              destroys: [
                'its processes',
                'its database',
                'its files',
                'its output not yet in the log',
                'its key, last',
              ],
              keeps: ['the account and its events', 'what the log holds'],
            },
          },
        )
      return {
        resource: { type: 'Instance', id: row.id },
        subject: row.id,
        region: row.region,
        effect: async (tx, { now }) => {
          if (!(await setDesired(tx, row.id, 'destroyed', now)))
            throw new AppError('conflict', 'It is being destroyed already.', {
              remedy: 'See `borgen instance show`.',
            })
          await insertAccountEvent(tx, {
            id: newId('evt'),
            account: row.account,
            at: now,
            type: 'instance.destruction-wished',
            actor: actorRef(actor),
            data: { instance: row.id },
          })
          await nudge(tx, 'instances')
          return {
            status: 202,
            body: showInstance((await instanceBy(tx, row.id))!, settings.urlOf),
            type: 'instance.destruction-wished',
            event: { instance: row.id, account: row.account, from: row.desired },
          }
        },
      }
    },
  })
}
