import { z } from 'zod'
import type { ApprovalContent } from '../../access/approvals/content.ts'
import type { Carrier } from '../../changes/carrier.ts'
import { recordInTransaction } from '../../changes/outbox.ts'
import { isoOf } from '../../kernel/clock.ts'
import type { Db } from '../../kernel/db.ts'
import { publicLinesOf } from '../../pledges/differences.ts'
import { compileOverview, contentOfOverview } from '../../pledges/overview.ts'
import type { Pledge } from '../../pledges/pledge.ts'
import {
  addPublicLines,
  approveOverview,
  lockOverviews,
  type Manner,
  type OverviewRow,
  overviewById,
  type PublicLineRow,
} from '../../pledges/store.ts'
import { planOf, type Standing, sha256Of, standingNow } from './standing.ts'

export const OVERVIEW_KIND = 'overview.change'

const payloadSchema = z.strictObject({
  overview: z.string(),
  hash: z.string(),
  textSha256: z.string(),
  basedOn: z.string().nullable(),
})
export type OverviewPayload = z.infer<typeof payloadSchema>

/** Brings a proposed overview into force once a second person agreed to it. */
export function overviewCarrier(register: readonly Pledge[]): Carrier {
  return {
    kind: OVERVIEW_KIND,
    async staleBecause(tx, content) {
      await lockOverviews(tx)
      const found = await proposalOf(tx, content, register)
      return typeof found === 'string' ? found : null
    },
    async carryOut(tx, { approval, content, by, manner, now }) {
      const found = await proposalOf(tx, content, register)
      if (typeof found === 'string') throw new Error(found)
      const event = await bringIntoForce(tx, found, { by, at: now, manner }, register)
      return { isDone: true, type: 'overview.approved', event: { ...event, approval: approval.id } }
    },
  }
}

/** The proposal with what it was made against, or why it can no longer be carried out as it was previewed. */
async function proposalOf(
  tx: Db,
  content: ApprovalContent,
  register: readonly Pledge[],
): Promise<{ row: OverviewRow; before: Standing } | string> {
  const asked = payloadSchema.parse(content.payload)
  const [row, before] = await Promise.all([overviewById(tx, asked.overview), standingNow(tx, register)])
  if (!row || row.approved_at !== null) return 'The proposed overview is no longer there to be approved.'
  if (sha256Of(row.text) !== asked.textSha256)
    return 'The proposed overview was altered after it was asked for.'
  if ((before.row?.id ?? null) !== asked.basedOn)
    return 'Another overview came into force after this was asked for, so its preview no longer holds.'
  const compiled = compileOverview(row.text, register)
  if (!compiled.ok || compiled.overview.hash !== asked.hash)
    return 'Borgen was upgraded after this was asked for, and now reads the overview otherwise.'
  const { preview } = planOf(before, compiled.overview, register)
  if (JSON.stringify(preview) !== JSON.stringify(content.preview))
    return 'What would change is no longer what was previewed.'
  return { row, before }
}

/**
 * Puts an overview into force in the caller's transaction, with a public dated line for each change. The answer is the log's event:
 * it holds the whole text, so that the log alone tells what was promised when.
 */
export async function bringIntoForce(
  tx: Db,
  { row, before }: { row: OverviewRow; before: Standing },
  given: { by: string; at: number; manner: Manner },
  register: readonly Pledge[],
): Promise<Record<string, unknown>> {
  // Each governs from an instant of its own, also where two come in one millisecond or the clock was set back.
  const agreed = { ...given, at: Math.max(given.at, (before.row?.approved_at ?? 0) + 1) }
  const compiled = compileOverview(row.text, register)
  if (!compiled.ok) throw new Error(`overview ${row.id} does not compile`)
  const { differences } = planOf(before, compiled.overview, register)
  if (!(await approveOverview(tx, row.id, agreed))) throw new Error(`overview ${row.id} was approved before`)
  const lines = publicLinesOf(differences, { overview: row.id, ...agreed })
  await addPublicLines(tx, lines)
  await recordInTransaction(tx, lines.map(lineEntry), agreed.at)
  return overviewEvent(
    { ...row, approved_by: agreed.by, approved_at: agreed.at, manner: agreed.manner },
    before,
  )
}

/** The entry by which the log knows an overview in force; `values` are those of every promise, so that no later default alters them. */
export function overviewEvent(row: OverviewRow, before: Standing | undefined): Record<string, unknown> {
  const values = Object.fromEntries(
    Object.entries(row.content).map(([pledge, { says: _, ...rest }]) => [pledge, rest]),
  )
  return {
    overview: row.id,
    hash: row.hash,
    text: row.text,
    values,
    basedOn: before?.row?.id ?? null,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at,
    approvedBy: row.approved_by,
    approvedAt: row.approved_at,
    manner: row.manner,
  }
}

/** A public line as the log has it: the second place from which it cannot disappear. */
export function lineEntry(line: Omit<PublicLineRow, 'position'>, index: number) {
  return {
    key: `${line.overview}:line:${index}`,
    stream: 'audit' as const,
    subject: 'plane',
    region: 'plane',
    type: 'promise.changed',
    event: {
      overview: line.overview,
      index,
      promise: line.pledge,
      what: line.what,
      parameter: line.parameter,
      from: line.from_value,
      to: line.to_value,
      line: { en: line.line_en, sv: line.line_sv },
      manner: line.manner,
      by: line.by,
      at: isoOf(line.at),
    },
  }
}

/** A row for an overview that compiled; not in force until it is approved. */
export function newOverview(
  text: string,
  compiled: { hash: string; promises: Parameters<typeof contentOfOverview>[0]['promises'] },
  given: { id: string; by: string; now: number; approval: string | null; basedOn: string | null },
): OverviewRow {
  return {
    id: given.id,
    hash: compiled.hash,
    text,
    content: contentOfOverview(compiled),
    proposed_by: given.by,
    proposed_at: given.now,
    approved_by: null,
    approved_at: null,
    approval: given.approval,
    manner: null,
    based_on: given.basedOn,
    restores: null,
    annulled_at: null,
    annulled_because: null,
  }
}
