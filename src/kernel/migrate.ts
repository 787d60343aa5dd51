import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { AppError } from './errors.ts'
import { migrationsIn, newerFolder } from './migrations.ts'

const ENDS_TRANSACTION = /^\s*(commit|rollback)\b[^;]*;/im
const LOCK_KEY = 7266_1001 // one migration at a time per database

/**
 * Brings a database forward through `dir/NNNN_name.sql`, each file in its own transaction, and returns the names applied.
 * Forward only: a file that was applied and then changed, or a database that is ahead of the code, is an error.
 */
export async function migrate({ url, dir }: { url: string; dir: string }): Promise<string[]> {
  const files = migrationsIn(dir)
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
    const unknown = [...applied.keys()].filter((name) => !files.includes(name)).sort()
    if (unknown.length > 0) throw newerFolder(unknown.at(-1)!)
    const done: string[] = []
    for (const name of files) {
      const text = readFileSync(join(dir, name), 'utf8')
      const sha256 = createHash('sha256').update(text).digest('hex')
      if (applied.get(name) === sha256) continue
      if (applied.has(name))
        throw new AppError('conflict', `Migration ${name} was changed after it was applied.`, {
          remedy: 'Restore the file and put the change in a new migration.',
        })
      if (ENDS_TRANSACTION.test(text))
        throw new AppError('conflict', `Migration ${name} ends its own transaction.`, {
          remedy: 'Leave out commit and rollback: a crash in its middle must leave nothing of it.',
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
