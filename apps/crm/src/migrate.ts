import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from './database.ts'
import { RELEASE_DIR } from './release-dir.ts'

const MIGRATIONS_DIR = join(RELEASE_DIR, 'migrations')

export type Migration = { number: number; file: string }

// Any constant does, as long as every copy of this program takes the same.
const ADVISORY_LOCK = 0x43524d

export function listMigrations(dir: string = MIGRATIONS_DIR): Migration[] {
  return readdirSync(dir)
    .filter((file) => /^\d{3}-.+\.sql$/.test(file))
    .sort()
    .map((file) => ({ number: Number(file.slice(0, 3)), file }))
}

/** Applies what is missing, in order, all or nothing; returns the numbers it applied. */
export async function migrate(database: Database, dir: string = MIGRATIONS_DIR): Promise<number[]> {
  return database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK])
    await tx.query(
      `create table if not exists schema_migrations (
         number int primary key, file text not null, applied_at timestamptz not null default now())`,
    )
    const done = new Set(
      (await tx.query<Migration>('select number from schema_migrations')).map((m) => m.number),
    )
    const missing = listMigrations(dir).filter((migration) => !done.has(migration.number))
    for (const { number, file } of missing) {
      await tx.query(readFileSync(join(dir, file), 'utf8'))
      await tx.query('insert into schema_migrations (number, file) values ($1, $2)', [number, file])
    }
    return missing.map((migration) => migration.number)
  })
}
