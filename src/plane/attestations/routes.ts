import { z } from 'zod'
import { actorRef } from '../../access/actor.ts'
import { personBehind } from '../../access/approvals/person-behind.ts'
import { requestApproval } from '../../access/approvals/request.ts'
import { authorise } from '../../access/authorise.ts'
import type { PersonRow } from '../../access/store.ts'
import type { RouteContext } from '../../changes/context.ts'
import { changeRoute, readRoute } from '../../changes/route.ts'
import { isoOf } from '../../kernel/clock.ts'
import type { Db } from '../../kernel/db.ts'
import { AppError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { EXPIRING_MS } from '../../pledges/attestations/prove.ts'
import {
  type AttestationRow,
  attestationById,
  insertAttestation,
  listAttestations,
  withdrawAttestation,
} from '../../pledges/attestations/store.ts'
import type { Pledge, Words } from '../../pledges/pledge.ts'
import { overviewInForce } from '../../pledges/store.ts'
import { nameOf, peopleAndApprovers } from '../approvals/approvers.ts'
import { requesterOf } from '../approvals/requester.ts'
import { approvalSchema, showApproval } from '../approvals/show.ts'
import { who } from '../shapes.ts'
import { ATTESTATION_KIND, type AttestationPayload } from './carrier.ts'
import { EVIDENCE_LIMIT_BYTES, isIntact, keepEvidence, parseEvidence, readEvidence } from './evidence.ts'

const LIFE_MS_AT_MOST = 366 * 86_400_000
const SHOWN_AT_MOST = 500
const plane = { subject: 'plane', region: 'plane' } as const

const attestationSchema = z
  .object({
    id: z.string(),
    promise: z.string(),
    part: z.string().nullable().describe('null: every part of the sentence'),
    subject: z.string(),
    statement: z.string(),
    evidence: z.object({ name: z.string(), sha256: z.string(), sizeBytes: z.number() }).nullable(),
    signedBy: who,
    signedAt: z.number(),
    approval: z.string().nullable(),
    approvedBy: who.nullable(),
    approvedAt: z.number().nullable(),
    expiresAt: z.number(),
    simulated: z.boolean().describe('of a demo world: nothing was looked at'),
    withdrawnAt: z.number().nullable(),
    state: z.enum(['asked', 'in-force', 'expiring', 'expired', 'withdrawn']),
  })
  .meta({ id: 'Attestation' })

/** What people signed, with a second person's agreement, an end, and the file that shows it. */
export function attestationRoutes(
  context: RouteContext,
  register: readonly Pledge[],
  // In a demo world nobody looks at anything: whatever is signed there says so.
  { evidence: folder, simulated = false }: { evidence: string; simulated?: boolean },
): void {
  const { db, clock } = context.changes
  const find = async (id: string): Promise<AttestationRow> => {
    const row = await attestationById(db, id)
    if (row) return row
    throw new AppError('not_found', 'There is no such attestation.', {
      remedy: 'See `borgen attestation list`.',
    })
  }

  readRoute(context, {
    url: '/v1/attestations',
    action: 'attestation.list',
    summary: 'List attestations',
    shapes: {
      query: z.object({ promise: z.string().max(64).optional() }),
      reply: z.object({ items: z.array(attestationSchema) }),
    },
    handle: async ({ query }) => {
      const [rows, { people }] = await Promise.all([
        listAttestations(db, SHOWN_AT_MOST),
        peopleAndApprovers(db),
      ])
      const of = rows.filter((row) => query.promise === undefined || row.pledge === query.promise)
      return { items: await Promise.all(of.map((row) => show(db, row, people, clock.now()))) }
    },
  })

  context.app.get(
    '/v1/attestations/:attestation/evidence',
    { config: { kind: 'read', action: 'attestation.read' }, schema: { hide: true } },
    async (request, reply) => {
      const actor = await context.authenticate(request)
      const { attestation } = request.params as { attestation: string }
      authorise(actor, 'attestation.read', { type: 'Attestation', id: attestation })
      const row = await find(attestation)
      if (row.evidence_hash === null)
        throw new AppError('not_found', 'Nothing is attached to this attestation.')
      if ((await isIntact(folder, row.evidence_hash)) !== 'intact')
        throw new AppError('gone', 'The file is no longer what was signed.', {
          remedy: 'Have it signed again; find out who can write to the data folder.',
        })
      const name = encodeURIComponent(row.evidence_name ?? 'evidence')
      return reply
        .type('application/octet-stream')
        .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
        .header('x-content-type-options', 'nosniff')
        .send(readEvidence(folder, row.evidence_hash))
    },
  )

  changeRoute(context, {
    method: 'POST',
    url: '/v1/attestations',
    action: 'attestation.sign',
    summary: 'Sign an attestation',
    status: 202,
    bodyLimitBytes: Math.ceil((EVIDENCE_LIMIT_BYTES * 4) / 3) + 64 * 1024,
    shapes: {
      body: z.strictObject({
        promise: z.string().max(64),
        part: z.string().max(64).optional(),
        subject: z.string().trim().min(1).max(300).describe('of what: a site, a provider, a region'),
        statement: z.string().trim().min(20).max(4000).describe('what was done, by whom, when'),
        evidence: z
          .strictObject({ name: z.string().trim().min(1).max(200), base64: z.string().min(1) })
          .optional(),
        expiresAt: z.number().int().describe('at most 366 days from now'),
        by: z.email().max(254).optional().describe('who signs, where a token of the host asks for them'),
      }),
      reply: z.object({ attestation: attestationSchema, approval: approvalSchema }),
    },
    prepare: async ({ body }, actor) => {
      const pledge = register.find((one) => one.id === body.promise)
      if (!pledge)
        throw new AppError('bad_request', 'There is no such promise.', {
          remedy: 'See `borgen promise list`.',
        })
      if (body.part !== undefined && !(body.part in pledge.parts))
        throw new AppError('bad_request', `${pledge.id} has no part ${body.part}.`, {
          remedy: `Its parts are ${Object.keys(pledge.parts).join(', ')}.`,
        })
      if ((await overviewInForce(db))?.content[pledge.id]?.dropped)
        throw new AppError('conflict', 'This promise is not made.', {
          remedy: 'The overview in force drops it.',
        })
      const today = clock.now()
      if (body.expiresAt <= today || body.expiresAt > today + LIFE_MS_AT_MOST)
        throw new AppError('bad_request', 'It must end within the next 366 days.', {
          remedy: 'Name a day until which the statement can be relied on; then sign again.',
        })
      const evidence = body.evidence && parseEvidence(body.evidence)
      const { people, approvers } = await peopleAndApprovers(db)
      const signer = await requesterOf(db, actor, { by: body.by, people, approvers, mayAlone: false })
      const id = newId('att')
      const payload: AttestationPayload = {
        attestation: id,
        pledge: pledge.id,
        part: body.part ?? null,
        subject: body.subject,
        statement: body.statement,
        evidence: evidence?.sha256 ?? null,
        expiresAt: body.expiresAt,
      }
      const about = { attestation: id, promise: pledge.id, part: payload.part, evidence: payload.evidence }
      return {
        ...plane,
        resource: { type: 'Attestation', id },
        intent: about,
        fingerprint: JSON.stringify({ ...payload, attestation: null, by: body.by }),
        effect: async (tx, { now }) => {
          if (evidence) await keepEvidence(folder, evidence)
          const approval = await requestApproval(tx, {
            kind: ATTESTATION_KIND,
            title: {
              en: `Agree to what was signed: ${pledge.title.en}`,
              sv: `Instäm i det signerade: ${pledge.title.sv}`,
            },
            preview: previewOf(pledge, payload, evidence?.name),
            payload,
            actor,
            requester: signer,
            mayAlone: false,
            now,
          })
          const row: AttestationRow = {
            id,
            pledge: pledge.id,
            part: payload.part,
            subject: payload.subject,
            statement: payload.statement,
            evidence_hash: evidence?.sha256 ?? null,
            evidence_name: evidence?.name ?? null,
            evidence_bytes: evidence?.bytes.length ?? null,
            signed_by: signer ?? actorRef(actor),
            signed_at: now,
            approval: approval.id,
            approved_by: null,
            approved_at: null,
            expires_at: payload.expiresAt,
            simulated,
            withdrawn_by: null,
            withdrawn_at: null,
            withdrawn_because: null,
          }
          await insertAttestation(tx, row)
          return {
            status: 202,
            body: {
              attestation: await show(tx, row, people, now),
              approval: await showApproval(tx, approval, { people, approvers }, { actor, now }),
            },
            type: 'attestation.signed',
            event: {
              ...about,
              approval: approval.id,
              digest: approval.digest,
              subject: payload.subject,
              statement: payload.statement,
              signedBy: row.signed_by,
              evidenceName: row.evidence_name,
              expiresAt: isoOf(payload.expiresAt),
            },
          }
        },
      }
    },
  })

  changeRoute(context, {
    method: 'POST',
    url: '/v1/attestations/:attestation/withdraw',
    action: 'attestation.withdraw',
    summary: 'Withdraw an attestation',
    status: 200,
    shapes: {
      params: z.object({ attestation: z.string().max(64) }),
      body: z.strictObject({ reason: z.string().trim().min(3).max(500) }),
      reply: attestationSchema,
    },
    prepare: async ({ params, body }, actor) => {
      const row = await find(params.attestation)
      if (row.withdrawn_at !== null)
        throw new AppError('conflict', 'It was withdrawn before.', { remedy: 'There is nothing left to do.' })
      return {
        ...plane,
        resource: { type: 'Attestation', id: row.id },
        effect: async (tx, { now }) => {
          const by = (await personBehind(tx, actor)) ?? actorRef(actor)
          if (!(await withdrawAttestation(tx, row.id, { by, at: now, because: body.reason })))
            throw new AppError('conflict', 'It was withdrawn meanwhile.', {
              remedy: 'There is nothing left to do.',
            })
          const { people } = await peopleAndApprovers(tx)
          return {
            status: 200,
            body: await show(tx, (await attestationById(tx, row.id))!, people, now),
            type: 'attestation.withdrawn',
            event: { attestation: row.id, promise: row.pledge, part: row.part, because: body.reason },
          }
        },
      }
    },
  })
}

function previewOf(pledge: Pledge, payload: AttestationPayload, evidenceName: string | undefined): Words[] {
  const part = payload.part === null ? undefined : pledge.parts[payload.part]
  const until = isoOf(payload.expiresAt).slice(0, 10)
  const same = (en: string, sv: string, what: string): Words => ({
    en: `${en}: ${what}`,
    sv: `${sv}: ${what}`,
  })
  return [
    { en: `Promise: ${pledge.title.en} (${pledge.id})`, sv: `Löfte: ${pledge.title.sv} (${pledge.id})` },
    part
      ? { en: `Part: ${part.en}`, sv: `Del: ${part.sv}` }
      : { en: 'Part: the whole sentence', sv: 'Del: hela meningen' },
    same('About', 'Om', payload.subject),
    same('Statement', 'Utsaga', payload.statement),
    payload.evidence === null
      ? { en: 'No evidence is attached.', sv: 'Inget bevis är bifogat.' }
      : same('Evidence', 'Bevis', `${evidenceName} (SHA-256 ${payload.evidence})`),
    { en: `Relied on until ${until}.`, sv: `Gäller till och med ${until}.` },
  ]
}

async function show(
  db: Db,
  row: AttestationRow,
  people: readonly PersonRow[],
  now: number,
): Promise<z.infer<typeof attestationSchema>> {
  return {
    id: row.id,
    promise: row.pledge,
    part: row.part,
    subject: row.subject,
    statement: row.statement,
    evidence:
      row.evidence_hash === null
        ? null
        : { name: row.evidence_name!, sha256: row.evidence_hash, sizeBytes: row.evidence_bytes ?? 0 },
    signedBy: await nameOf(db, people, row.signed_by),
    signedAt: row.signed_at,
    approval: row.approval,
    approvedBy: row.approved_by === null ? null : await nameOf(db, people, row.approved_by),
    approvedAt: row.approved_at,
    expiresAt: row.expires_at,
    simulated: row.simulated,
    withdrawnAt: row.withdrawn_at,
    state: stateOf(row, now),
  }
}

function stateOf(row: AttestationRow, now: number) {
  if (row.withdrawn_at !== null) return 'withdrawn'
  if (row.expires_at <= now) return 'expired'
  if (row.approved_at === null) return 'asked'
  return row.expires_at - now <= EXPIRING_MS ? 'expiring' : 'in-force'
}
