import { z } from 'zod'
import type { Actor } from '../../access/actor.ts'
import { contentOf } from '../../access/approvals/content.ts'
import { bestMeans, mayApprove, stateOf } from '../../access/approvals/decide.ts'
import { APPROVAL_STATES, type ApprovalRow } from '../../access/approvals/store.ts'
import { type PersonRow, passkeysOf } from '../../access/store.ts'
import type { Db } from '../../kernel/db.ts'
import { who, words } from '../shapes.ts'
import { nameOf, personOf } from './approvers.ts'

export const approvalSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    title: words,
    preview: z.array(words).describe('exactly what is agreed to'),
    digest: z.string().describe('SHA-256 of what is agreed to; a passkey signs it'),
    requestedBy: who,
    requestedAt: z.number(),
    expiresAt: z.number(),
    state: z.enum(APPROVAL_STATES),
    manner: z.enum(['second person', 'one person']).nullable(),
    decidedBy: who.nullable(),
    decidedAt: z.number().nullable(),
    reason: z.string().nullable().describe('why it was refused or withdrawn'),
    mayDecide: z.boolean().describe('whether who asks this may approve it'),
    codeOnly: z.boolean().describe('whether it may with a one-time code of the host’s alone'),
    alone: z.boolean().describe('whether it would be approved by one person, and say so in public'),
    why: z.string().nullable().describe('why not'),
    remedy: z.string().nullable(),
  })
  .meta({ id: 'Approval' })

/** An approval as it is shown to this actor, with whether they may approve it and why not. */
export async function showApproval(
  db: Db,
  row: ApprovalRow,
  { people, approvers }: { people: readonly PersonRow[]; approvers: readonly string[] },
  { actor, now }: { actor: Actor; now: number },
): Promise<z.infer<typeof approvalSchema>> {
  const { title, preview } = contentOf(row)
  const person = personOf(actor)
  const passkeys = person === undefined || row.state !== 'open' ? [] : await passkeysOf(db, person)
  const asked = { approval: row, person, approvers, now }
  const may = bestMeans(
    asked,
    passkeys.map((one) => one.behind),
  )
  return {
    id: row.id,
    kind: row.kind,
    title,
    preview,
    digest: row.digest,
    requestedBy: await nameOf(db, people, row.requester ?? row.requested_by),
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    state: stateOf(row, now),
    manner: row.manner,
    decidedBy: row.decided_by === null ? null : await nameOf(db, people, row.decided_by),
    decidedAt: row.decided_at,
    reason: row.reason,
    mayDecide: may.may,
    codeOnly: !may.may && mayApprove({ ...asked, means: 'code' }).may,
    alone: may.may && may.manner === 'one person',
    why: may.may ? null : may.why,
    remedy: may.may ? null : may.remedy,
  }
}
