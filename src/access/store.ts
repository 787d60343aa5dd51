import { type Db, tablesOf } from '../kernel/db.ts'
import type { Role } from './actions.ts'

export type PersonRow = {
  id: string
  email: string
  name: string
  role: Role
  created_at: number
  disabled_at: number | null
}
export type TokenRow = {
  id: string
  name: string
  token_hash: Buffer
  scopes: string[]
  role: Role
  created_by: string
  /** Everybody who could be the one that acts with it. */
  behind: string[]
  created_at: number
  expires_at: number | null
  last_used_at: number | null
  revoked_at: number | null
}
export type SessionRow = {
  id: string
  person: string
  token_hash: Buffer
  method: 'link' | 'passkey'
  /** Everybody else who could be the one that signed in. */
  behind: string[]
  created_at: number
  last_seen_at: number
  expires_at: number
  ended_at: number | null
}
export type PasskeyRow = {
  credential_id: string
  person: string
  public_key: Buffer
  counter: number
  transports: string[]
  name: string
  /** Everybody else who could be the one that holds it; nobody when somebody at the host vouched. */
  behind: string[]
  vouched_at: number | null
  created_at: number
  last_used_at: number | null
}
export type LinkRow = {
  id: string
  person: string
  token_hash: Buffer
  /** The actor that made it. */
  made_by: string
  /** Everybody who could be the one that made it; nobody when the host did. */
  behind: string[]
  created_at: number
  expires_at: number
  used_at: number | null
}
type Tables = {
  'access.people': PersonRow
  'access.sign_in_links': LinkRow
  'access.sessions': SessionRow
  'access.passkeys': PasskeyRow
  'access.challenges': {
    challenge: string
    person: string | null
    purpose: 'register' | 'prove' | 'sign-in' | 'approve'
    expires_at: number
    /** Of a challenge for adding a passkey: the session in which it is answered. */
    session?: string | null
    /** Of a challenge to approve: what, and what the challenge was made of besides. */
    approval?: string | null
    nonce?: string | null
  }
  'access.tokens': TokenRow
}

const tables = (db: Db) => tablesOf<Tables>(db)

export const insertPerson = (db: Db, row: PersonRow) =>
  tables(db).insertInto('access.people').values(row).execute()
export const personByEmail = (db: Db, email: string) =>
  tables(db)
    .selectFrom('access.people')
    .selectAll()
    .where((eb) => eb(eb.fn('lower', ['email']), '=', email.toLowerCase()))
    .executeTakeFirst()
export const personById = (db: Db, id: string) =>
  tables(db).selectFrom('access.people').selectAll().where('id', '=', id).executeTakeFirst()
/** How many owners could still sign in. */
export const countOwners = async (db: Db): Promise<number> =>
  (
    await tables(db)
      .selectFrom('access.people')
      .select('id')
      .where('role', '=', 'owner')
      .where('disabled_at', 'is', null)
      .forUpdate()
      .execute()
  ).length
export const setRole = (db: Db, id: string, role: Role) =>
  tables(db).updateTable('access.people').set({ role }).where('id', '=', id).execute()

/** Somebody who was removed is invited anew; passkeys of before hold again. */
export const enablePerson = (db: Db, id: string, role: Role) =>
  tables(db).updateTable('access.people').set({ role, disabled_at: null }).where('id', '=', id).execute()

/** The person signs in no more; sessions, open links and tokens that the person made end at once. */
export async function disablePerson(db: Db, id: string, now: number): Promise<void> {
  await tables(db)
    .updateTable('access.people')
    .set({ disabled_at: now })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .execute()
  await tables(db)
    .updateTable('access.sessions')
    .set({ ended_at: now })
    .where('person', '=', id)
    .where('ended_at', 'is', null)
    .execute()
  await tables(db)
    .updateTable('access.sign_in_links')
    .set({ used_at: now })
    .where('person', '=', id)
    .where('used_at', 'is', null)
    .execute()
  await tables(db)
    .updateTable('access.tokens')
    .set({ revoked_at: now })
    .where('created_by', '=', `person:${id}`)
    .where('revoked_at', 'is', null)
    .execute()
}
export const listPeople = (db: Db) =>
  tables(db).selectFrom('access.people').selectAll().orderBy('created_at').limit(1000).execute()

export const insertLink = (db: Db, row: LinkRow) =>
  tables(db).insertInto('access.sign_in_links').values(row).execute()

/** Uses a link up; undefined when it is unknown, used or expired. Two uses at once: one wins. */
export const useLink = (db: Db, tokenHash: Buffer, now: number) =>
  tables(db)
    .updateTable('access.sign_in_links')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning(['person', 'behind'])
    .executeTakeFirst()

/** The links that other people, or nobody knows who, made for this person since then, newest first; none of the host's. */
export const linksByOthers = (db: Db, person: string, sinceMs: number) =>
  tables(db)
    .selectFrom('access.sign_in_links')
    .select(['made_by', 'created_at', 'used_at'])
    .where('person', '=', person)
    .where('made_by', '!=', `person:${person}`)
    .where((eb) => eb(eb.fn<number>('cardinality', ['behind']), '>', 0))
    .where('created_at', '>=', sinceMs)
    .orderBy('created_at', 'desc')
    .limit(20)
    .execute()

export const insertSession = (db: Db, row: SessionRow) =>
  tables(db).insertInto('access.sessions').values(row).execute()
export const sessionByHash = (db: Db, tokenHash: Buffer, now: number) =>
  tables(db)
    .selectFrom('access.sessions')
    .innerJoin('access.people', 'access.people.id', 'access.sessions.person')
    .select([
      'access.sessions.id',
      'access.sessions.person',
      'access.sessions.last_seen_at',
      'access.sessions.created_at',
      'access.sessions.expires_at',
      'access.sessions.method',
      'access.sessions.behind',
      'access.people.role',
      'access.people.name',
    ])
    .where('access.sessions.token_hash', '=', tokenHash)
    .where('access.sessions.ended_at', 'is', null)
    .where('access.sessions.expires_at', '>', now)
    .where('access.people.disabled_at', 'is', null)
    .executeTakeFirst()
export const touchSession = (db: Db, id: string, now: number) =>
  tables(db).updateTable('access.sessions').set({ last_seen_at: now }).where('id', '=', id).execute()
export const endSession = (db: Db, id: string, now: number) =>
  tables(db)
    .updateTable('access.sessions')
    .set({ ended_at: now })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute()

export const insertToken = (db: Db, row: TokenRow) =>
  tables(db).insertInto('access.tokens').values(row).execute()
export const tokenByHash = (db: Db, tokenHash: Buffer, now: number) =>
  tables(db)
    .selectFrom('access.tokens')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .executeTakeFirst()
export const touchToken = (db: Db, id: string, now: number) =>
  tables(db).updateTable('access.tokens').set({ last_used_at: now }).where('id', '=', id).execute()
export const listTokens = (db: Db, after: string | undefined, limit: number) =>
  tables(db)
    .selectFrom('access.tokens')
    .selectAll()
    .$if(after !== undefined, (query) => query.where('id', '>', after!))
    .orderBy('id')
    .limit(limit)
    .execute()
export const tokenById = (db: Db, id: string) =>
  tables(db).selectFrom('access.tokens').selectAll().where('id', '=', id).executeTakeFirst()
export const revokeToken = (db: Db, id: string, now: number) =>
  tables(db)
    .updateTable('access.tokens')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()

/** Adds a challenge and removes those that nobody answered in time: strangers may ask for any number of them. */
export async function insertChallenge(db: Db, row: Tables['access.challenges'], now: number): Promise<void> {
  await tables(db).deleteFrom('access.challenges').where('expires_at', '<=', now).execute()
  await tables(db).insertInto('access.challenges').values(row).execute()
}
/** Takes a challenge out; undefined when it is unknown or expired, so that it is answered at most once. */
export const takeChallenge = (
  db: Db,
  challenge: string,
  purpose: 'register' | 'prove' | 'sign-in' | 'approve',
  now: number,
) =>
  tables(db)
    .deleteFrom('access.challenges')
    .where('challenge', '=', challenge)
    .where('purpose', '=', purpose)
    .where('expires_at', '>', now)
    .returningAll()
    .executeTakeFirst()
export const insertPasskey = (db: Db, row: PasskeyRow) =>
  tables(db).insertInto('access.passkeys').values(row).execute()
export const passkeyById = (db: Db, credentialId: string) =>
  tables(db)
    .selectFrom('access.passkeys')
    .selectAll()
    .where('credential_id', '=', credentialId)
    .executeTakeFirst()
export const passkeysOf = (db: Db, person: string) =>
  tables(db).selectFrom('access.passkeys').selectAll().where('person', '=', person).execute()
export const usePasskey = (db: Db, credentialId: string, counter: number, now: number) =>
  tables(db)
    .updateTable('access.passkeys')
    .set({ counter, last_used_at: now })
    .where('credential_id', '=', credentialId)
    .execute()

export type ListedPasskey = Pick<
  PasskeyRow,
  'credential_id' | 'person' | 'name' | 'behind' | 'vouched_at' | 'created_at'
>
/** Every passkey of everybody on the list, oldest first. */
export const listPasskeys = (db: Db): Promise<ListedPasskey[]> =>
  tables(db)
    .selectFrom('access.passkeys')
    .select(['credential_id', 'person', 'name', 'behind', 'vouched_at', 'created_at'])
    .orderBy('created_at')
    .limit(10_000)
    .execute()
/** Takes the host's word that this person, and nobody else, holds the passkeys that they have now; returns their ids. */
export const vouchFor = async (db: Db, person: string, now: number): Promise<string[]> =>
  (
    await tables(db)
      .updateTable('access.passkeys')
      .set({ behind: [], vouched_at: now })
      .where('person', '=', person)
      .returning('credential_id')
      .execute()
  ).map((one) => one.credential_id)
