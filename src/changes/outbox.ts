import { type Clock, isoOf } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import {
  deleteOutbox,
  endChange,
  freeIdempotencyKey,
  insertOutbox,
  type LogEntry,
  oldestOutbox,
  openChangesBefore,
} from './store.ts'

/** Appends to the log; resolves only when the entries are durable there. */
export type AppendToLog = (entries: LogEntry[]) => Promise<unknown>

const BATCH = 500

/** Puts entries on their way into the log in the caller's transaction: they are logged if and only if it commits. */
export async function recordInTransaction(tx: Db, entries: LogEntry[], now: number): Promise<void> {
  if (entries.length > 0) await insertOutbox(tx, entries, now)
}

/** Carries what waits into the log, oldest first; stops at the first refusal and leaves the rest for the next run. */
export async function relayOutbox({
  db,
  append,
}: {
  db: Db
  append: AppendToLog
}): Promise<{ relayed: number }> {
  let relayed = 0
  for (;;) {
    const rows = await oldestOutbox(db, BATCH)
    if (rows.length === 0) return { relayed }
    await append(
      rows.map(({ key, stream, subject, region, type, event }) => ({
        key,
        stream,
        subject,
        region,
        type,
        event,
      })),
    )
    await deleteOutbox(
      db,
      rows.map((row) => row.position),
    )
    relayed += rows.length
    if (rows.length < BATCH) return { relayed }
  }
}

/** Ends intentions whose process died before the effect: their transaction can no longer commit, and the log says so. */
export async function sweepAbandoned({
  db,
  clock,
  olderThanMs,
}: {
  db: Db
  clock: Clock
  olderThanMs: number
}): Promise<{ abandoned: number }> {
  const now = clock.now()
  const open = await openChangesBefore(db, now - olderThanMs, BATCH)
  let abandoned = 0
  for (const change of open) {
    await db.transaction().execute(async (tx) => {
      if (!(await endChange(tx, change.id, { state: 'abandoned', response: null, now }))) return
      await freeIdempotencyKey(tx, change.id)
      await recordInTransaction(
        tx,
        [
          {
            key: `${change.id}:outcome`,
            stream: 'audit',
            subject: 'plane',
            region: 'plane',
            type: `${change.action}.abandoned`,
            event: {
              change: change.id,
              actor: change.actor,
              phase: 'outcome',
              result: 'abandoned',
              at: isoOf(now),
            },
          },
        ],
        now,
      )
      abandoned += 1
    })
  }
  return { abandoned }
}
