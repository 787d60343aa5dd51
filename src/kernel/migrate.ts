import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { AppError } from './errors.ts'

const LOCK_KEY = 7266_1001 // one migration at a time per database
const NAME = /^(\d{4})_[a-z0-9-]+\.sql$/

/**
 * Brings a database forward through `dir/NNNN_name.sql`, each file in its own transaction, and returns the names applied.
 * Forward only: a file that was applied and then changed, or a database that is ahead of the code, is an error.
 */
export async function migrate({ url, dir }: { url: string; dir: string }): Promise<string[]> {
  const files = readdirSync(dir)
    .filter((name) => NAME.test(name))
    .sort()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY])
    await client.query(`create schema if not exists kernel`)
    await client.query(
      `create table if not exists kernel.migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())`,
    )
    const applied = new Map(
      (await client.query('select name, sha256 from kernel.migrations')).rows.map((row) => [
        row.name,
        row.sha256,
      ]),
    )
    for (const name of applied.keys())
      if (!files.includes(name))
        throw new AppError('conflict', `The data folder was migrated by a newer Borgen (${name}).`, {
          remedy: 'Start that version or a later one; going back is not possible.',
        })
    const done: string[] = []
    for (const name of files) {
      const text = readFileSync(join(dir, name), 'utf8')
      const sha256 = createHash('sha256').update(text).digest('hex')
      if (applied.get(name) === sha256) continue
      if (applied.has(name))
        throw new AppError('conflict', `Migration ${name} was changed after it was applied.`, {
          remedy: 'Restore the file and put the change in a new migration.',
        })
      await client.query('begin')
      await client.query(text)
      await client.query('insert into kernel.migrations (name, sha256) values ($1, $2)', [name, sha256])
      await client.query('commit')
      done.push(name)
    }
    return done
  } finally {
    await client.end()
  }
}
