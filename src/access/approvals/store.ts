import { announce } from '../../kernel/announce.ts'
import { type Db, tablesOf } from '../../kernel/db.ts'

export const APPROVAL_STATES = ['open', 'approved', 'carried-out', 'refused', 'withdrawn', 'expired'] as const
export type ApprovalState = (typeof APPROVAL_STATES)[number]
/** Who agreed: another person than the one who asked, or the only one there is. */
export type Manner = 'second person' | 'one person'

export type ApprovalRow = {
  id: string
  kind: string
  /** JSON text; its SHA-256 is `digest`. */
  content: string
  digest: string
  requested_by: string
  requester: string | null
  /** Everybody who could be the one that asked, `requester` among them. */
  behind: string[]
  may_alone: boolean
  requested_at: number
  expires_at: number
  state: ApprovalState
  manner: Manner | null
  decided_by: string | null
  decided_at: number | null
  reason: string | null
  carried_out_at: number | null
}
type CodeRow = {
  id: string
  approval: string
  person: string
  code_hash: Buffer
  made_by: string
  created_at: number
  expires_at: number
  used_at: number | null
}
type Tables = { 'access.approvals': ApprovalRow; 'access.approval_codes': CodeRow }
const tables = (db: Db) => tablesOf<Tables>(db)

export const insertApproval = (db: Db, row: ApprovalRow) =>
  tables(db).insertInto('access.approvals').values(row).execute()

export const approvalById = (db: Db, id: string): Promise<ApprovalRow | undefined> =>
  tables(db).selectFrom('access.approvals').selectAll().where('id', '=', id).executeTakeFirst()

/** Newest first; the open ones alone, or all. */
export const listApprovals = (db: Db, { open, now, limit }: { open: boolean; now: number; limit: number }) =>
  tables(db)
    .selectFrom('access.approvals')
    .selectAll()
    .$if(open, (query) => query.where('state', '=', 'open').where('expires_at', '>', now))
    .orderBy('requested_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute()

/** What was agreed to of this kind and still is to be carried out, oldest first. */
export const approvedOf = (db: Db, kind: string, limit: number) =>
  tables(db)
    .selectFrom('access.approvals')
    .selectAll()
    .where('kind', '=', kind)
    .where('state', '=', 'approved')
    .orderBy('decided_at')
    .limit(limit)
    .execute()

type Decision = Pick<
  ApprovalRow,
  'state' | 'manner' | 'decided_by' | 'decided_at' | 'reason' | 'carried_out_at'
>

/** Decides what is still open; false when somebody else, or time, has decided it before. */
export async function decideApproval(db: Db, id: string, decision: Decision): Promise<boolean> {
  const decided = await tables(db)
    .updateTable('access.approvals')
    .set(decision)
    .where('id', '=', id)
    .where('state', '=', 'open')
    .returning('id')
    .executeTakeFirst()
  if (decided) await announce(db, { what: 'approvals', id })
  return decided !== undefined
}

/** Ends what was agreed to; false when it has ended before. */
export async function markCarriedOut(db: Db, id: string, now: number): Promise<boolean> {
  const marked = await tables(db)
    .updateTable('access.approvals')
    .set({ state: 'carried-out', carried_out_at: now })
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .returning('id')
    .executeTakeFirst()
  if (marked) await announce(db, { what: 'approvals', id })
  return marked !== undefined
}

/** Ends what nobody answered in time, oldest first. */
export const expireApprovals = (db: Db, now: number, limit: number) =>
  tables(db)
    .updateTable('access.approvals')
    .set({ state: 'expired', decided_at: now })
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('access.approvals as old')
        .select('old.id')
        .where('old.state', '=', 'open')
        .where('old.expires_at', '<=', now)
        .orderBy('old.expires_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'kind'])
    .execute()

export const insertCode = (db: Db, row: CodeRow) =>
  tables(db).insertInto('access.approval_codes').values(row).execute()

export const codeByHash = (db: Db, hash: Buffer, now: number): Promise<CodeRow | undefined> =>
  tables(db)
    .selectFrom('access.approval_codes')
    .selectAll()
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()

/** Uses a code up; false when it was used meanwhile. */
export async function takeCode(db: Db, id: string, now: number): Promise<boolean> {
  const taken = await tables(db)
    .updateTable('access.approval_codes')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id')
    .executeTakeFirst()
  return taken !== undefined
}
