import { sql } from 'kysely'
import { type Db, tablesOf } from '../../kernel/db.ts'
import type { Manifest } from './manifest.ts'

export type ReleaseRow = {
  id: string
  app: string
  version: string
  sha256: string
  manifest: Manifest
  size_bytes: number
  created_at: number
}
type Tables = { 'fleet.apps': { name: string; created_at: number }; 'fleet.releases': ReleaseRow }
const tables = (db: Db) => tablesOf<Tables>(db)

export const insertApp = (db: Db, name: string, now: number) =>
  tables(db)
    .insertInto('fleet.apps')
    .values({ name, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()

export const insertRelease = (db: Db, row: ReleaseRow) =>
  tables(db)
    .insertInto('fleet.releases')
    .values({ ...row, manifest: sql`${JSON.stringify(row.manifest)}::jsonb` as never })
    .execute()

export const releaseOf = (db: Db, app: string, version: string) =>
  tables(db)
    .selectFrom('fleet.releases')
    .selectAll()
    .where('app', '=', app)
    .where('version', '=', version)
    .executeTakeFirst()

export const releaseById = (db: Db, id: string) =>
  tables(db).selectFrom('fleet.releases').selectAll().where('id', '=', id).executeTakeFirst()

export const newestRelease = (db: Db, app: string) =>
  tables(db)
    .selectFrom('fleet.releases')
    .selectAll()
    .where('app', '=', app)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()

/** Newest release of every app; the first app that was added comes first. */
export const listApps = (db: Db) =>
  tables(db)
    .selectFrom('fleet.apps')
    .innerJoin('fleet.releases', 'fleet.releases.app', 'fleet.apps.name')
    .distinctOn(['fleet.apps.created_at', 'fleet.apps.name'])
    .selectAll('fleet.releases')
    .orderBy('fleet.apps.created_at')
    .orderBy('fleet.apps.name')
    .orderBy('fleet.releases.created_at', 'desc')
    .limit(100)
    .execute()
