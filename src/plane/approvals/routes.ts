import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { z } from 'zod'
import { type Actor, actorRef, isHost, UNKNOWN } from '../../access/actor.ts'
import { makeCode, ownerOfCode, requireMayMakeCode } from '../../access/approvals/code.ts'
import { contentOf } from '../../access/approvals/content.ts'
import { bestMeans, type MayApprove, type Means, mayApprove, stateOf } from '../../access/approvals/decide.ts'
import { beginApproval, verifyApproval } from '../../access/approvals/passkey.ts'
import { personBehind } from '../../access/approvals/person-behind.ts'
import {
  type ApprovalRow,
  approvalById,
  decideApproval,
  listApprovals,
  markCarriedOut,
  takeCode,
} from '../../access/approvals/store.ts'
import { authorise } from '../../access/authorise.ts'
import type { PasskeySettings } from '../../access/passkeys.ts'
import { passkeyById, passkeysOf, personByEmail, usePasskey } from '../../access/store.ts'
import type { Carriers } from '../../changes/carrier.ts'
import type { RouteContext } from '../../changes/context.ts'
import { changeRoute, readRoute } from '../../changes/route.ts'
import type { Db } from '../../kernel/db.ts'
import { AppError } from '../../kernel/errors.ts'
import { peopleAndApprovers, personOf } from './approvers.ts'
import { approvalSchema, showApproval } from './show.ts'

const SHOWN_AT_MOST = 100
const params = z.object({ approval: z.string().max(64) })
const reason = z.string().trim().min(3).max(500)
// What a browser's PublicKeyCredential.toJSON() gives; the library checks the rest.
const assertion = z
  .object({ id: z.string().max(1024), response: z.object({ clientDataJSON: z.string().max(4096) }).loose() })
  .loose()
const plane = { subject: 'plane', region: 'plane' } as const

/** What takes a second person: asked for elsewhere; here it is looked at, approved, refused and withdrawn. */
export function approvalRoutes(
  context: RouteContext,
  carriers: Carriers,
  webauthn: Omit<PasskeySettings, 'db'>,
): void {
  const { db, clock } = context.changes
  const passkeys: PasskeySettings = { db, ...webauthn }
  const find = async (id: string): Promise<ApprovalRow> => {
    const row = await approvalById(db, id)
    if (row) return row
    throw new AppError('not_found', 'There is no such approval.', {
      remedy: 'See `borgen approval list --all`.',
    })
  }
  const requireOpen = (row: ApprovalRow) => {
    const state = stateOf(row, clock.now())
    if (state !== 'open')
      throw new AppError('conflict', `This is no longer open: it is ${state}.`, {
        remedy: 'Ask again if it is still wanted.',
      })
  }
  const show = async (from: Db, row: ApprovalRow, actor: Actor) =>
    showApproval(from, row, await peopleAndApprovers(from), { actor, now: clock.now() })

  readRoute(context, {
    url: '/v1/approvals',
    action: 'approval.list',
    summary: 'List approvals',
    shapes: {
      query: z.object({ state: z.enum(['open', 'all']).default('open') }),
      reply: z.object({ items: z.array(approvalSchema) }),
    },
    handle: async ({ query }, actor) => {
      const now = clock.now()
      const [rows, known] = await Promise.all([
        listApprovals(db, { open: query.state === 'open', now, limit: SHOWN_AT_MOST }),
        peopleAndApprovers(db),
      ])
      return { items: await Promise.all(rows.map((row) => showApproval(db, row, known, { actor, now }))) }
    },
  })

  readRoute(context, {
    url: '/v1/approvals/:approval',
    action: 'approval.read',
    summary: 'Show an approval',
    resource: (asked) => ({ type: 'Approval', id: asked.params.approval }),
    shapes: { params, reply: approvalSchema },
    handle: async (asked, actor) => show(db, await find(asked.params.approval), actor),
  })

  context.app.post(
    '/v1/approvals/:approval/options',
    {
      config: { kind: 'read', action: 'approval.approve' },
      schema: {
        summary: 'Begin to approve with a passkey',
        operationId: 'BeginToApproveWithAPasskey',
        tags: ['approval'],
        security: [{ token: [] }],
        params,
        response: { 200: z.object({ challenge: z.string() }).loose().describe('WebAuthn request options') },
      },
    },
    async (request) => {
      const actor = await context.authenticate(request)
      authorise(actor, 'approval.approve', { type: 'World', id: 'world' })
      const row = await find((request.params as z.infer<typeof params>).approval)
      const { approvers } = await peopleAndApprovers(db)
      const given = { approval: row, person: personOf(actor), approvers, now: clock.now() }
      const known = given.person === undefined ? [] : await passkeysOf(db, given.person)
      const best = bestMeans(
        given,
        known.map((one) => one.behind),
      )
      const { person } = await decided(row, actor, given.person, best)
      const counts = (means: Means) => {
        const may = mayApprove({ ...given, means })
        return may.may && best.may && may.manner === best.manner
      }
      return { ...(await beginApproval(passkeys, row, person, counts)) }
    },
  )

  /** The person who decides and how it then counts; throws with why they may not. */
  const decider = async (row: ApprovalRow, actor: Actor, person: string | undefined, means: Means) => {
    const { approvers } = await peopleAndApprovers(db)
    const may = mayApprove({ approval: row, person, means, approvers, now: clock.now() })
    return decided(row, actor, person, may)
  }
  const decided = async (row: ApprovalRow, actor: Actor, person: string | undefined, may: MayApprove) => {
    if (!may.may) {
      const code = stateOf(row, clock.now()) === 'open' ? 'forbidden' : 'conflict'
      throw new AppError(code, may.why, { remedy: may.remedy })
    }
    // Who sends it for somebody else must be the host's own hand, not another person's session or token.
    const sender = isHost(actor) ? person : await personBehind(db, actor)
    if (person === undefined || sender !== person)
      throw new AppError('forbidden', 'This code was made for somebody else.', {
        remedy: 'Sign in as the person it was made for.',
      })
    return { person, manner: may.manner }
  }

  changeRoute(context, {
    method: 'POST',
    url: '/v1/approvals/:approval/approve',
    action: 'approval.approve',
    summary: 'Approve',
    status: 200,
    shapes: {
      params,
      body: z.union([
        z.strictObject({ assertion, alone: z.boolean().default(false) }),
        z.strictObject({ code: z.string().min(20).max(64), alone: z.boolean().default(false) }),
      ]),
      reply: approvalSchema,
    },
    prepare: async ({ params: { approval }, body }, actor) => {
      const row = await find(approval)
      const content = contentOf(row)
      const carrier = carriers.find((one) => one.kind === row.kind)
      if (!carrier) throw new AppError('internal', `Nothing carries out ${row.kind}.`)
      const code = 'code' in body ? await ownerOfCode(db, row, body.code, clock.now()) : undefined
      const key = 'assertion' in body ? await passkeyById(db, body.assertion.id) : undefined
      const by = code ? code.person : personOf(actor)
      // Somebody else's passkey is refused below, as one that is not known.
      const means: Means = code ? 'code' : key?.person === by ? (key?.behind ?? [UNKNOWN]) : [UNKNOWN]
      const { person, manner } = await decider(row, actor, by, means)
      if (manner === 'one person' && !body.alone)
        throw new AppError('confirmation_needed', 'You are the only person who could approve this.', {
          remedy:
            'Say so (`alone`): in public it will stand as “approved by one person”. Or invite another owner.',
        })
      const passkey =
        'assertion' in body
          ? await verifyApproval(
              passkeys,
              row,
              person,
              body.assertion as unknown as AuthenticationResponseJSON,
            )
          : undefined
      const about = {
        approval: row.id,
        kind: row.kind,
        digest: row.digest,
        requestedBy: row.requested_by,
        requester: row.requester,
        askedBehind: row.behind,
        ...(means === 'code' ? {} : { approverBehind: means }),
      }
      return {
        ...plane,
        resource: { type: 'Approval', id: row.id },
        intent: { ...about, by: person },
        effect: async (tx, { now }) => {
          const taken = code ? await takeCode(tx, code.id, now) : true
          if (passkey) await usePasskey(tx, passkey.credential, passkey.counter, now)
          const stale = await carrier.staleBecause(tx, content, now)
          const decision =
            stale === null
              ? { state: 'approved' as const, manner, decided_by: person, reason: null }
              : { state: 'refused' as const, manner: null, decided_by: 'process:server', reason: stale }
          const decided = await decideApproval(tx, row.id, {
            ...decision,
            decided_at: now,
            carried_out_at: null,
          })
          if (!taken || !decided)
            throw new AppError('conflict', 'Somebody else decided this meanwhile.', {
              remedy: 'See `borgen approval show`.',
            })
          const proof = passkey?.proof ?? code?.proof
          const agreed = { approval: row, content, by: person, manner, now }
          const outcome =
            stale === null
              ? await carrier.carryOut(tx, agreed)
              : { isDone: false, type: 'approval.refused', event: { because: stale } }
          if (outcome.isDone) await markCarriedOut(tx, row.id, now)
          return {
            status: 200,
            body: await show(tx, (await approvalById(tx, row.id))!, actor),
            type: outcome.type,
            event: { ...outcome.event, ...about, by: person, ...(stale === null ? { manner } : {}), proof },
          }
        },
      }
    },
  })

  changeRoute(context, {
    method: 'POST',
    url: '/v1/approvals/:approval/codes',
    action: 'approval.code',
    summary: 'Make a one-time code to approve with',
    status: 201,
    shapes: {
      params,
      body: z.strictObject({ email: z.email().max(254) }),
      reply: z.object({
        approval: z.string(),
        person: z.string(),
        code: z.string().nullable().describe('works once, within ten minutes; shown once'),
        expiresAt: z.number(),
      }),
    },
    prepare: async ({ params: { approval }, body }, actor) => {
      const row = await find(approval)
      const person = await personByEmail(db, body.email)
      if (!person)
        throw new AppError('not_found', 'Nobody here has this address.', {
          remedy: 'See who is on the list of people.',
        })
      requireMayMakeCode(row, actor)
      await decider(row, actor, person.id, 'code')
      return {
        ...plane,
        resource: { type: 'Approval', id: row.id },
        intent: { approval: row.id, person: person.id },
        effect: async (tx, { now }) => {
          const { code, expiresAt } = await makeCode(tx, { approval: row, person: person.id, actor, now })
          const body = { approval: row.id, person: person.id, expiresAt }
          return {
            status: 201,
            body: { ...body, code },
            replay: { ...body, code: null },
            type: 'approval.code-made',
            event: { approval: row.id, person: person.id },
          }
        },
      }
    },
  })

  const end = (
    state: 'refused' | 'withdrawn',
    action: 'approval.refuse' | 'approval.withdraw',
    check: (row: ApprovalRow, actor: Actor) => Promise<void>,
  ) =>
    changeRoute(context, {
      method: 'POST',
      url: `/v1/approvals/:approval/${state === 'refused' ? 'refuse' : 'withdraw'}`,
      action,
      summary: state === 'refused' ? 'Refuse an approval' : 'Withdraw what was asked for',
      status: 200,
      shapes: {
        params,
        body:
          state === 'refused' ? z.strictObject({ reason }) : z.strictObject({ reason: reason.optional() }),
        reply: approvalSchema,
      },
      prepare: async (asked, actor) => {
        const row = await find(asked.params.approval)
        requireOpen(row)
        await check(row, actor)
        const because = asked.body.reason ?? null
        return {
          ...plane,
          resource: { type: 'Approval', id: row.id },
          intent: { approval: row.id, kind: row.kind },
          effect: async (tx, { now }) => {
            const by = (await personBehind(tx, actor)) ?? actorRef(actor)
            const decision = { state, manner: null, decided_by: by, reason: because, carried_out_at: null }
            if (!(await decideApproval(tx, row.id, { ...decision, decided_at: now })))
              throw new AppError('conflict', 'Somebody else decided this meanwhile.', {
                remedy: 'See `borgen approval show`.',
              })
            return {
              status: 200,
              body: await show(tx, (await approvalById(tx, row.id))!, actor),
              type: `approval.${state}`,
              event: {
                approval: row.id,
                kind: row.kind,
                digest: row.digest,
                ...(because ? { because } : {}),
              },
            }
          },
        }
      },
    })

  end('refused', 'approval.refuse', async () => {})
  end('withdrawn', 'approval.withdraw', async (row, actor) => {
    const behind = await personBehind(db, actor)
    const isSame = row.requested_by === actorRef(actor) || (behind !== null && behind === row.requester)
    // The host's token stands for whoever sits there, under whichever token it asked.
    if (!isSame && !(isHost(actor) && row.requested_by.startsWith('token:')))
      throw new AppError('forbidden', 'Only who asked for this can withdraw it.', {
        remedy: 'An owner can refuse it: `borgen approval refuse`.',
      })
  })
}
