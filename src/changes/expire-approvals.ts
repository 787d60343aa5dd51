import { expireApprovals } from '../access/approvals/store.ts'
import { announce } from '../kernel/announce.ts'
import { type Clock, isoOf } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import { recordInTransaction } from './outbox.ts'

const AT_ONCE = 100

/** Ends what nobody approved in time, oldest first, with an entry each; that it has expired is seen at once, whether or not this ran. */
export async function expireDue({ db, clock }: { db: Db; clock: Clock }): Promise<{ expired: number }> {
  const now = clock.now()
  return db.transaction().execute(async (tx) => {
    const rows = await expireApprovals(tx, now, AT_ONCE)
    const entries = rows.map(({ id, kind }) => ({
      key: `${id}:expired`,
      stream: 'audit' as const,
      subject: 'plane',
      region: 'plane',
      type: 'approval.expired',
      event: { approval: id, kind, at: isoOf(now) },
    }))
    await recordInTransaction(tx, entries, now)
    for (const { id } of rows) await announce(tx, { what: 'approvals', id })
    return { expired: rows.length }
  })
}
