import type { ApprovalContent } from '../access/approvals/content.ts'
import type { ApprovalRow, Manner } from '../access/approvals/store.ts'
import type { Db } from '../kernel/db.ts'

/** What was agreed to, by whom and how; `by` is a person's id. */
export type Agreed = {
  approval: ApprovalRow
  content: ApprovalContent
  by: string
  manner: Manner
  now: number
}

/**
 * Carries out what a second person agreed to. It is registered from above (app.ts) by the kind of approval, because access knows
 * nothing of what it approves.
 */
export type Carrier = {
  kind: string
  /** Why it can no longer be carried out exactly as it was previewed, in a sentence; null when it still can. Runs in the transaction. */
  staleBecause(tx: Db, content: ApprovalContent, now: number): Promise<string | null>
  /**
   * Has the effect in the transaction that notes the approval, so that there is no moment between the two. What reaches outside
   * the database answers `isDone: false`: it stays `approved`, and a job of its own carries it out (`approvedOf`, oldest first)
   * and ends it (`markCarriedOut`), after any crash.
   */
  carryOut(tx: Db, agreed: Agreed): Promise<{ isDone: boolean; type: string; event: Record<string, unknown> }>
}

export type Carriers = readonly Carrier[]
