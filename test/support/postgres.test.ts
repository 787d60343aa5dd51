import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { startPostgres } from './postgres.ts'

const postgres = await startPostgres()
after(() => postgres.stop())

async function ask(url: string, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query({ text, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}

test('the database is migrated and each role sees what the product gives it', async () => {
  assert.equal(await ask(postgres.url, 'select count(*)::int from fleet.regions'), 8)
  assert.equal(await ask(postgres.urlAs('borgen_worker'), 'select current_user::text'), 'borgen_worker')
  await assert.rejects(
    ask(postgres.urlAs('borgen_worker'), 'select 1 from access.people'),
    /permission denied/,
  )
})

test('an empty database is empty', async () => {
  const url = await postgres.emptyDatabase()
  const count = `select count(*)::int from pg_namespace where nspname in ('kernel', 'fleet')`
  assert.equal(await ask(url, count), 0)
})
