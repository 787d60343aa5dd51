import { z } from 'zod'
import { actorRef } from '../../access/actor.ts'
import { stateOf } from '../../access/approvals/decide.ts'
import { requestApproval } from '../../access/approvals/request.ts'
import { APPROVAL_STATES, approvalById } from '../../access/approvals/store.ts'
import { authorise } from '../../access/authorise.ts'
import type { RouteContext } from '../../changes/context.ts'
import { changeRoute, readRoute } from '../../changes/route.ts'
import { AppError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { lintOverview } from '../../pledges/lint.ts'
import { compileOverview, isDeviation, OVERVIEW_LIMIT_BYTES } from '../../pledges/overview.ts'
import type { Language, Pledge } from '../../pledges/pledge.ts'
import {
  insertOverview,
  listProposals,
  type OverviewRow,
  overviewById,
  publicLines,
} from '../../pledges/store.ts'
import { say, textOf } from '../../pledges/words.ts'
import { nameOf, peopleAndApprovers } from '../approvals/approvers.ts'
import { requesterOf } from '../approvals/requester.ts'
import { approvalSchema, showApproval } from '../approvals/show.ts'
import { changeSchema, problemSchema, who, words } from '../shapes.ts'
import { newOverview, OVERVIEW_KIND, type OverviewPayload, overviewEvent } from './carrier.ts'
import { showDifference, showLine } from './show.ts'
import { fileState, planOf, sha256Of, standingNow, standingOf } from './standing.ts'

const SHOWN_AT_MOST = 50
const LINES_AT_MOST = 1000
/** Of the event by which the log knows it: below what an entry takes, with room for who agreed and how. */
const EVENT_LIMIT_BYTES = 58 * 1024

const proposalSchema = z
  .object({
    id: z.string(),
    approval: z.string(),
    proposedBy: who,
    proposedAt: z.number(),
    state: z.enum(APPROVAL_STATES),
    changes: z.array(changeSchema),
  })
  .meta({ id: 'Proposal' })

/** What the vendor promises: what is in force, what the file on disk says, what was proposed, and the public history. */
export function overviewRoutes(
  context: RouteContext,
  register: readonly Pledge[],
  { publishedFile }: { publishedFile: string },
): void {
  const { db, clock } = context.changes

  const showProposal = async (
    row: OverviewRow,
    people: Awaited<ReturnType<typeof peopleAndApprovers>>['people'],
  ) => {
    const [approval, base] = await Promise.all([
      approvalById(db, row.approval!),
      row.based_on === null ? undefined : overviewById(db, row.based_on),
    ])
    const compiled = compileOverview(row.text, register)
    const differences = compiled.ok
      ? planOf(standingOf(base, register), compiled.overview, register).differences
      : []
    return {
      id: row.id,
      approval: row.approval!,
      proposedBy: await nameOf(db, people, row.proposed_by),
      proposedAt: row.proposed_at,
      state: approval ? stateOf(approval, clock.now()) : ('withdrawn' as const),
      changes: differences.map(showDifference),
    }
  }

  readRoute(context, {
    url: '/v1/overview',
    action: 'overview.read',
    summary: 'Show the overview',
    shapes: {
      reply: z.object({
        inForce: z
          .object({
            id: z.string(),
            hash: z.string(),
            approvedAt: z.number(),
            approvedBy: who,
            manner: z.enum(['second person', 'one person', 'demo']).nullable(),
            text: z.string(),
          })
          .nullable()
          .describe('null: the register alone'),
        file: z.object({
          path: z.string(),
          state: z.enum(['same', 'differs', 'absent', 'bad']),
          problems: z.array(problemSchema),
          changes: z.array(changeSchema).describe('what proposing it would change'),
        }),
        proposals: z.array(proposalSchema),
      }),
    },
    handle: async () => {
      const [now, proposals, { people }] = await Promise.all([
        standingNow(db, register),
        listProposals(db, SHOWN_AT_MOST),
        peopleAndApprovers(db),
      ])
      const { row } = now
      const { differences, ...file } = await fileState(publishedFile, now, register)
      return {
        inForce: row
          ? {
              id: row.id,
              hash: row.hash,
              approvedAt: row.approved_at!,
              approvedBy: await nameOf(db, people, row.approved_by!),
              manner: row.manner,
              text: row.text,
            }
          : null,
        file: { ...file, changes: differences.map(showDifference) },
        proposals: await Promise.all(proposals.map((one) => showProposal(one, people))),
      }
    },
  })

  readRoute(context, {
    url: '/v1/overview/history',
    action: 'overview.read',
    summary: 'Show the public history of what is promised',
    shapes: {
      reply: z.object({
        items: z.array(
          changeSchema
            .omit({ sentence: true })
            .extend({ at: z.number(), line: words, approval: z.string(), by: who }),
        ),
      }),
    },
    handle: async () => {
      const [lines, { people }] = await Promise.all([
        publicLines(db, { limit: LINES_AT_MOST }),
        peopleAndApprovers(db),
      ])
      return { items: await Promise.all(lines.map((line) => showLine(db, people, line))) }
    },
  })

  context.app.post(
    '/v1/overview/check',
    {
      config: { kind: 'read', action: 'promise.list' },
      schema: {
        summary: 'Check an overview',
        operationId: 'CheckAnOverview',
        tags: ['promise'],
        security: [{ token: [] }],
        body: z.strictObject({ overview: z.string().max(512 * 1024), file: z.string().max(1024).optional() }),
        response: {
          200: z.object({
            ok: z.boolean(),
            problems: z.array(problemSchema),
            warnings: z.array(problemSchema).describe('what compiles but should be said otherwise'),
            deviations: z.array(z.object({ promise: z.string(), says: words.nullable() })),
            changes: z.array(changeSchema).describe('what proposing it would change'),
          }),
        },
      },
    },
    async (request) => {
      authorise(await context.authenticate(request), 'promise.list', { type: 'World', id: 'world' })
      const { overview, file } = request.body as { overview: string; file?: string }
      const compiled = compileOverview(overview, register, file)
      if (!compiled.ok)
        return { ok: false, problems: compiled.problems, warnings: [], deviations: [], changes: [] }
      const deviations = compiled.overview.promises
        .filter(isDeviation)
        .map(({ pledge, values, says, dropped }) => {
          const sentence = (language: Language) =>
            textOf(say({ parameters: pledge.parameters, says }, values, language))
          return {
            promise: pledge.id,
            says: dropped === null ? { en: sentence('en'), sv: sentence('sv') } : null,
          }
        })
      const { differences } = planOf(await standingNow(db, register), compiled.overview, register)
      const warnings = lintOverview(overview, register, file)
      return { ok: true, problems: [], warnings, deviations, changes: differences.map(showDifference) }
    },
  )

  changeRoute(context, {
    method: 'POST',
    url: '/v1/overview/proposals',
    action: 'overview.propose',
    summary: 'Propose an overview',
    status: 202,
    shapes: {
      body: z.strictObject({
        overview: z
          .string()
          .min(1)
          .max(2 * OVERVIEW_LIMIT_BYTES),
        by: z.email().max(254).optional().describe('who asks, where a token of the host asks for them'),
      }),
      reply: z.object({ proposal: proposalSchema, approval: approvalSchema }),
    },
    prepare: async ({ body }, actor) => {
      const compiled = compileOverview(body.overview, register)
      if (!compiled.ok)
        throw new AppError('bad_request', 'The overview has problems; nothing was proposed.', {
          remedy: 'Mend them: `borgen overview check` shows each with its line.',
          detail: { problems: compiled.problems },
        })
      const now = await standingNow(db, register)
      const { differences, preview } = planOf(now, compiled.overview, register)
      if (differences.length === 0)
        throw new AppError('conflict', 'This overview says what is in force already.', {
          remedy: 'Change something in it, or leave it.',
        })
      const { people, approvers } = await peopleAndApprovers(db)
      const mayAlone = differences.every((one) => one.what === 'value')
      const requester = await requesterOf(db, actor, { by: body.by, people, approvers, mayAlone })
      const id = newId('ovw')
      const proposed_by = requester ?? actorRef(actor)
      const basedOn = now.row?.id ?? null
      const row = (at: number, approval: string | null) =>
        newOverview(body.overview, compiled.overview, { id, by: proposed_by, now: at, approval, basedOn })
      const sizeBytes = Buffer.byteLength(JSON.stringify(overviewEvent(row(0, null), now)))
      if (sizeBytes > EVENT_LIMIT_BYTES)
        throw new AppError('too_large', 'The overview is too long for one entry of the log.', {
          remedy: 'Shorten its sentences and comments.',
        })
      const payload: OverviewPayload = {
        overview: id,
        hash: compiled.overview.hash,
        textSha256: sha256Of(body.overview),
        basedOn,
      }
      return {
        subject: 'plane',
        region: 'plane',
        resource: { type: 'Overview', id },
        intent: { overview: id, hash: compiled.overview.hash },
        effect: async (tx, { now: at }) => {
          const count = differences.length
          const approval = await requestApproval(tx, {
            kind: OVERVIEW_KIND,
            title: {
              en: count === 1 ? 'Change what is promised' : `Change what is promised (${count} changes)`,
              sv: count === 1 ? 'Ändra vad som utlovas' : `Ändra vad som utlovas (${count} ändringar)`,
            },
            preview,
            payload,
            actor,
            requester,
            mayAlone,
            now: at,
          })
          await insertOverview(tx, row(at, approval.id))
          return {
            status: 202,
            body: {
              proposal: {
                id,
                approval: approval.id,
                proposedBy: await nameOf(tx, people, proposed_by),
                proposedAt: at,
                state: 'open' as const,
                changes: differences.map(showDifference),
              },
              approval: await showApproval(tx, approval, { people, approvers }, { actor, now: at }),
            },
            type: 'overview.proposed',
            event: {
              overview: id,
              approval: approval.id,
              digest: approval.digest,
              requester,
              preview: preview.map((one) => one.en).slice(0, 20),
            },
          }
        },
      }
    },
  })
}
