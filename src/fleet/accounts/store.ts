import { type RawBuilder, sql } from 'kysely'
import { type Db, tablesOf } from '../../kernel/db.ts'
import { type Asked, directionOf } from '../cursor.ts'
import type { RegionId } from '../regions/model.ts'
import { after, containing } from '../store.ts'

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

export type AccountFilter = {
  q?: string | undefined
  region?: RegionId | undefined
  plan?: AccountRow['plan'] | undefined
  state?: AccountRow['state'] | undefined
  app?: string | undefined
}
export type AccountColumn = 'created' | 'company' | 'country' | 'region' | 'plan' | 'state'

const SORTED_BY: Record<AccountColumn, RawBuilder<string | number>> = {
  created: sql`created_at`,
  company: sql`lower(company)`,
  country: sql`country`,
  region: sql`region`,
  plan: sql`plan`,
  state: sql`state`,
}

/** A page of accounts in the order asked for, with how many there are in all. */
export async function listAccounts(db: Db, filter: AccountFilter, asked: Asked<AccountColumn>) {
  const { column, direction } = directionOf(asked.sort)
  const by = SORTED_BY[column]
  const found = tables(db)
    .selectFrom('fleet.accounts')
    .$if(filter.q !== undefined, (query) =>
      query.where(
        sql<boolean>`lower(company || ' ' || slug || ' ' || email || ' ' || country || ' ' || id) like ${containing(filter.q!)}`,
      ),
    )
    .$if(filter.region !== undefined, (query) => query.where('region', '=', filter.region!))
    .$if(filter.plan !== undefined, (query) => query.where('plan', '=', filter.plan!))
    .$if(filter.state !== undefined, (query) => query.where('state', '=', filter.state!))
    .$if(filter.app !== undefined, (query) =>
      query.where(
        sql<boolean>`exists (select from fleet.instances i join fleet.releases r on r.id = i.release
          where i.account = fleet.accounts.id and i.destroyed_at is null and r.app = ${filter.app!})`,
      ),
    )
  const [rows, count] = await Promise.all([
    found
      .select(COLUMNS)
      .select(by.as('position'))
      .$if(asked.after !== undefined, (query) => query.where(after(by, sql`id`, direction, asked.after!)))
      .orderBy(by, direction)
      .orderBy('id', direction)
      .limit(asked.limit)
      .execute(),
    found.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow(),
  ])
  return { rows, total: count.total }
}

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
