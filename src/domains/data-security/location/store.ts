import { sql } from 'kysely'
import { type Db, tablesOf } from '../../../kernel/db.ts'

/** A thing in a store, where it was seen and where it should be; `place` names store and path. */
export type ArtefactRow = {
  place: string
  store: string
  path: string
  kind: string
  instance: string | null
  promised: string | null
  observed: string | null
  is_inside: boolean | null
  reason: string | null
  size_bytes: number | null
  seen_at: number
}
type Tables = { 'location.artefacts': ArtefactRow }
const tables = (db: Db) => tablesOf<Tables>(db)

/** What the proof of places may ask of its own table. */
export async function saveArtefacts(db: Db, rows: readonly ArtefactRow[], seenAt: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (let at = 0; at < rows.length; at += 2000) {
      const some = rows.slice(at, at + 2000)
      await sql`
        insert into location.artefacts
          select * from jsonb_populate_recordset(null::location.artefacts, ${JSON.stringify(some)}::jsonb)
        on conflict (place) do update set
          kind = excluded.kind, instance = excluded.instance, promised = excluded.promised,
          observed = excluded.observed, is_inside = excluded.is_inside, reason = excluded.reason,
          size_bytes = coalesce(excluded.size_bytes, location.artefacts.size_bytes), seen_at = excluded.seen_at`.execute(
        tx,
      )
    }
    await tables(tx).deleteFrom('location.artefacts').where('seen_at', '<', seenAt).execute()
  })
}
