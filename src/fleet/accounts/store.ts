import { sql } from 'kysely'
import { type Db, tablesOf } from '../../kernel/db.ts'
import type { RegionId } from '../regions/model.ts'

export type AccountRow = {
  id: string
  slug: string
  company: string
  email: string
  country: string
  region: RegionId
  time_zone: string
  plan: 'trial' | 'free' | 'paid'
  state: 'active' | 'suspended' | 'deleted'
  trial_ends_on: string | null
  created_at: number
}
export type AccountEventRow = {
  id: string
  account: string
  at: number
  type: string
  actor: string
  data: Record<string, unknown>
}
type Tables = { 'fleet.accounts': AccountRow; 'fleet.account_events': AccountEventRow }
const tables = (db: Db) => tablesOf<Tables>(db)
const COLUMNS = [
  'id',
  'slug',
  'company',
  'email',
  'country',
  'region',
  'time_zone',
  'plan',
  'state',
  sql<string | null>`to_char(trial_ends_on, 'YYYY-MM-DD')`.as('trial_ends_on'),
  'created_at',
] as const

export const insertAccount = (db: Db, row: AccountRow) =>
  tables(db).insertInto('fleet.accounts').values(row).execute()

/** By id or by slug. */
export const accountBy = (db: Db, reference: string) =>
  tables(db)
    .selectFrom('fleet.accounts')
    .select(COLUMNS)
    .where((eb) => eb.or([eb('id', '=', reference), eb('slug', '=', reference)]))
    .executeTakeFirst()

export const slugsLike = async (db: Db, slug: string): Promise<string[]> =>
  (
    await tables(db)
      .selectFrom('fleet.accounts')
      .select('slug')
      .where((eb) => eb.or([eb('slug', '=', slug), eb('slug', 'like', `${slug}-%`)]))
      .execute()
  ).map((row) => row.slug)

/** Oldest first, after the position of the last one seen. */
export const listAccounts = (db: Db, after: [number, string] | undefined, limit: number) =>
  tables(db)
    .selectFrom('fleet.accounts')
    .select(COLUMNS)
    .$if(after !== undefined, (query) =>
      query.where((eb) => eb(eb.refTuple('created_at', 'id'), '>', eb.tuple(after![0], after![1]))),
    )
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit)
    .execute()

export const insertAccountEvent = (db: Db, row: AccountEventRow) =>
  tables(db)
    .insertInto('fleet.account_events')
    .values({ ...row, data: sql`${JSON.stringify(row.data)}::jsonb` as never })
    .execute()

export const accountEvents = (db: Db, account: string) =>
  tables(db)
    .selectFrom('fleet.account_events')
    .selectAll()
    .where('account', '=', account)
    .orderBy('at')
    .orderBy('id')
    .limit(1000)
    .execute()
