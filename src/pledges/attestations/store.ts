import { type Db, tablesOf } from '../../kernel/db.ts'

export type AttestationRow = {
  id: string
  pledge: string
  /** Null: of every part of the sentence. */
  part: string | null
  subject: string
  statement: string
  /** SHA-256 in hex, under which the file lies in the data folder. */
  evidence_hash: string | null
  evidence_name: string | null
  evidence_bytes: number | null
  signed_by: string
  signed_at: number
  approval: string | null
  approved_by: string | null
  approved_at: number | null
  expires_at: number
  simulated: boolean
  withdrawn_by: string | null
  withdrawn_at: number | null
  withdrawn_because: string | null
}
type Tables = { 'pledges.attestations': AttestationRow }
const tables = (db: Db) => tablesOf<Tables>(db)

export const insertAttestation = (db: Db, row: AttestationRow) =>
  tables(db).insertInto('pledges.attestations').values(row).execute()

export const attestationById = (db: Db, id: string): Promise<AttestationRow | undefined> =>
  tables(db).selectFrom('pledges.attestations').selectAll().where('id', '=', id).executeTakeFirst()

/** Newest first. */
export const listAttestations = (db: Db, limit: number): Promise<AttestationRow[]> =>
  tables(db)
    .selectFrom('pledges.attestations')
    .selectAll()
    .orderBy('signed_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute()

const agreedTo = (db: Db) =>
  tables(db)
    .selectFrom('pledges.attestations')
    .selectAll()
    .where('approved_at', 'is not', null)
    .where('withdrawn_at', 'is', null)

/** What people have signed of this promise and a second person agreed to, and has neither expired nor been withdrawn. */
export const attestationsInForce = (db: Db, pledge: string, nowMs: number): Promise<AttestationRow[]> =>
  agreedTo(db)
    .where('pledge', '=', pledge)
    .where('approved_at', '<=', nowMs)
    .where('expires_at', '>', nowMs)
    .orderBy('expires_at', 'desc')
    .execute()

/** The same with what has expired, the longest-lived first: so that a proof can say that it had been signed. */
export const attestationsAgreedTo = (db: Db, pledge: string, nowMs: number): Promise<AttestationRow[]> =>
  agreedTo(db)
    .where('pledge', '=', pledge)
    .where('approved_at', '<=', nowMs)
    .orderBy('expires_at', 'desc')
    .limit(1000)
    .execute()

/** What expires before `untilMs` without being followed by a longer one of the same promise, part and subject. */
export const attestationsExpiring = (db: Db, untilMs: number): Promise<AttestationRow[]> =>
  agreedTo(db)
    .where('expires_at', '<=', untilMs)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('pledges.attestations as later')
            .select('later.id')
            .whereRef('later.pledge', '=', 'pledges.attestations.pledge')
            .whereRef('later.subject', '=', 'pledges.attestations.subject')
            .where('later.approved_at', 'is not', null)
            .where('later.withdrawn_at', 'is', null)
            .whereRef('later.expires_at', '>', 'pledges.attestations.expires_at')
            .where((eb) =>
              eb.or([
                eb('later.part', 'is', null),
                eb('later.part', '=', eb.ref('pledges.attestations.part')),
              ]),
            ),
        ),
      ),
    )
    .orderBy('expires_at')
    .limit(100)
    .execute()

export const approveAttestation = (db: Db, id: string, by: string, at: number) =>
  tables(db)
    .updateTable('pledges.attestations')
    .set({ approved_by: by, approved_at: at })
    .where('id', '=', id)
    .where('approved_at', 'is', null)
    .executeTakeFirst()

/** False when it was withdrawn before. */
export async function withdrawAttestation(
  db: Db,
  id: string,
  { by, at, because }: { by: string; at: number; because: string },
): Promise<boolean> {
  const done = await tables(db)
    .updateTable('pledges.attestations')
    .set({ withdrawn_by: by, withdrawn_at: at, withdrawn_because: because })
    .where('id', '=', id)
    .where('withdrawn_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return done !== undefined
}
