import { z } from 'zod'
import { actorRef } from '../../access/actor.ts'
import type { RouteContext } from '../../changes/context.ts'
import { changeRoute, readRoute } from '../../changes/route.ts'
import type { DataKey } from '../../drivers/kms/contract/envelope.ts'
import { sqlState } from '../../kernel/db.ts'
import { AppError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { nudge } from '../../kernel/jobs.ts'
import { listApps, newestRelease } from '../apps/store.ts'
import { decodeCursor, pageOf, pageQuery, sortBy, toPage } from '../cursor.ts'
import { instanceSchema, showInstance } from '../instances/model.ts'
import { makeSecrets, sealSecrets } from '../instances/secrets.ts'
import { insertInstance, instanceBy } from '../instances/store.ts'
import { proposeRegion, reasonOf } from '../regions/decide.ts'
import { REGION_IDS, regionById } from '../regions/model.ts'
import { accountSchema, showAccount, signUpSchema, slugFor, trialEnd } from './model.ts'
import {
  accountBy,
  accountEvents,
  insertAccount,
  insertAccountEvent,
  listAccounts,
  slugsLike,
} from './store.ts'

export type FleetSettings = { appsDomain: string; urlOf(host: string): string; handover: DataKey }

const reference = z.object({ account: z.string().min(1).max(64) })
const listQuery = pageQuery.extend({
  q: z.string().trim().max(100).optional().describe('part of the company, slug, address, country or id'),
  region: z.enum(REGION_IDS).optional(),
  plan: z.enum(['trial', 'free', 'paid']).optional(),
  state: z.enum(['active', 'suspended', 'deleted']).optional(),
  app: z.string().max(40).optional(),
  sort: sortBy('created', 'company', 'country', 'region', 'plan', 'state'),
})
const accountEventSchema = z.object({
  id: z.string(),
  at: z.number(),
  type: z.string(),
  actor: z.string(),
  data: z.record(z.string(), z.unknown()),
})
const signedUpSchema = z.object({
  account: accountSchema,
  instance: instanceSchema,
  url: z.string(),
  owner: z.object({ email: z.string(), password: z.string().nullable().describe('shown once') }).nullable(),
})

export function accountRoutes(context: RouteContext, settings: FleetSettings): void {
  const { db } = context.changes

  const find = async (ref: string) => {
    const row = await accountBy(db, ref)
    if (!row)
      throw new AppError('not_found', 'There is no such account.', { remedy: 'See `borgen account list`.' })
    return row
  }

  readRoute(context, {
    url: '/v1/accounts',
    action: 'account.list',
    summary: 'List accounts',
    shapes: { query: listQuery, reply: pageOf(accountSchema) },
    handle: async ({ query: { after, limit, sort, ...filter } }) =>
      toPage(
        await listAccounts(db, filter, { after: decodeCursor(after, sort), limit, sort }),
        { limit, sort },
        showAccount,
      ),
  })

  readRoute(context, {
    url: '/v1/accounts/:account',
    action: 'account.read',
    summary: 'Show an account',
    resource: ({ params }) => ({ type: 'Account', id: params.account }),
    shapes: {
      params: reference,
      reply: accountSchema.extend({
        regionWhy: z.object({ en: z.string(), sv: z.string() }),
        instance: instanceSchema.nullable(),
        events: z.array(accountEventSchema),
      }),
    },
    handle: async ({ params }) => {
      const row = await find(params.account)
      const instance = await instanceBy(db, row.id)
      return {
        ...showAccount(row),
        regionWhy: reasonOf(row.region, row.country),
        instance: instance ? showInstance(instance, settings.urlOf) : null,
        events: (await accountEvents(db, row.id)).map(({ id, at, type, actor, data }) => ({
          id,
          at,
          type,
          actor,
          data,
        })),
      }
    },
  })

  changeRoute(context, {
    method: 'POST',
    url: '/v1/accounts',
    action: 'account.sign-up',
    summary: 'Sign up an account',
    status: 201,
    shapes: { body: signUpSchema, reply: signedUpSchema },
    prepare: async ({ body }, actor) => {
      if (body.region === undefined) {
        const proposal = proposeRegion(body.country)
        throw new AppError(
          'confirmation_needed',
          proposal.region === undefined
            ? proposal.reason
            : `The data would lie in ${proposal.region}, for good. Nothing was created yet.`,
          {
            remedy: 'Repeat the request with `region`.',
            detail: { proposed: proposal.region ?? null, reason: proposal.reason },
          },
        )
      }
      const region = body.region
      const app = body.app ?? (await listApps(db))[0]?.app
      const release = app === undefined ? undefined : await newestRelease(db, app)
      if (!release)
        throw new AppError(
          'conflict',
          app === undefined ? 'There is no app to run yet.' : 'There is no app of this name.',
          {
            remedy: 'Add one with `borgen app add`; `borgen app list` shows what there is.',
          },
        )
      const accountId = newId('acc')
      const instanceId = newId('ins')
      const secrets = makeSecrets(release.manifest.environment)
      const sealed = await sealSecrets(settings.handover, instanceId, region, secrets)
      return {
        resource: { type: 'Account', id: accountId },
        subject: instanceId,
        region,
        intent: {
          account: accountId,
          instance: instanceId,
          company: body.company,
          email: body.email,
          country: body.country,
          region,
          plan: body.plan,
        },
        effect: async (tx, { now }) => {
          const slug = slugFor(body.company, await slugsLike(tx, slugFor(body.company, [])))
          const host = `${slug}.${region}.${settings.appsDomain}`
          const timeZone = regionById(region).timeZone
          try {
            await insertAccount(tx, {
              id: accountId,
              slug,
              company: body.company,
              email: body.email,
              country: body.country,
              region,
              time_zone: timeZone,
              plan: body.plan,
              state: 'active',
              trial_ends_on: body.plan === 'trial' ? trialEnd(now, timeZone) : null,
              created_at: now,
            })
          } catch (error) {
            if (sqlState(error) !== '23505') throw error
            throw new AppError('conflict', 'Somebody took this name at the same moment.', {
              remedy: 'Repeat the request.',
            })
          }
          await insertAccountEvent(tx, {
            id: newId('evt'),
            account: accountId,
            at: now,
            type: 'account.signed-up',
            actor: actorRef(actor),
            data: { plan: body.plan, region, country: body.country },
          })
          await insertInstance(tx, {
            id: instanceId,
            account: accountId,
            region,
            host,
            release: release.id,
            desired: body.start === 'now' ? 'awake' : 'asleep',
            observed: 'absent',
            step: 'registered',
            secrets: sealed,
            socket: null,
            limits: null,
            failure: null,
            attempts: 0,
            retry_at: null,
            last_request_at: now,
            last_used_at: null,
            open_requests: 0,
            created_at: now,
            changed_at: now,
            destroyed_at: null,
          })
          await nudge(tx, 'instances')
          const account = showAccount((await accountBy(tx, accountId))!)
          const instance = showInstance((await instanceBy(tx, instanceId))!, settings.urlOf)
          const owner =
            'owner.password' in secrets ? { email: body.email, password: secrets['owner.password']! } : null
          const answer = { account, instance, url: instance.url, owner }
          return {
            status: 201,
            body: answer,
            replay: { ...answer, owner: owner && { ...owner, password: null } },
            type: 'account.signed-up',
            event: {
              account: accountId,
              instance: instanceId,
              region,
              plan: body.plan,
              release: release.sha256,
            },
          }
        },
      }
    },
  })
}
