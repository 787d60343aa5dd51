import { announce } from '../../kernel/announce.ts'
import type { Db } from '../../kernel/db.ts'
import { newId } from '../../kernel/ids.ts'
import { type Actor, actorRef, peopleBehind } from '../actor.ts'
import { type ApprovalContent, digestOf } from './content.ts'
import { type ApprovalRow, insertApproval } from './store.ts'

const LIFE_MS = 7 * 24 * 60 * 60 * 1000

/**
 * Asks for a second person in the caller's transaction. What they agree to is exactly `title`, `preview` and `payload`; who carries
 * it out is registered by its `kind` (changes/carrier.ts).
 */
export async function requestApproval(
  tx: Db,
  asked: Omit<ApprovalContent, 'id'> & {
    actor: Actor
    /** The person behind who asks, from `personBehind`; they can never be the second one. */
    requester: string | null
    mayAlone: boolean
    now: number
    /** Seven days when it is not given. */
    expiresAt?: number
  },
): Promise<ApprovalRow> {
  const { kind, title, preview, payload, actor, requester, mayAlone, now } = asked
  const id = newId('apr')
  const content = JSON.stringify({ id, kind, title, preview, payload } satisfies ApprovalContent)
  const row: ApprovalRow = {
    id,
    kind,
    content,
    digest: digestOf(content),
    requested_by: actorRef(actor),
    requester,
    behind: [...new Set([...(requester === null ? [] : [requester]), ...peopleBehind(actor)])],
    may_alone: mayAlone,
    requested_at: now,
    expires_at: asked.expiresAt ?? now + LIFE_MS,
    state: 'open',
    manner: null,
    decided_by: null,
    decided_at: null,
    reason: null,
    carried_out_at: null,
  }
  await insertApproval(tx, row)
  await announce(tx, { what: 'approvals', id })
  return row
}
