import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import { startPostgres } from '../../test/support/postgres.ts'
import { isAppError } from './errors.ts'
import { migrate } from './migrate.ts'

const postgres = await startPostgres()
after(() => postgres.stop())

function folderOf(files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'bmig-'))
  after(() => rmSync(dir, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}

async function tablesIn(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(`select relname from pg_class where relname like 'made%' order by 1`)
  await client.end()
  return rows.map((row: { relname: string }) => row.relname)
}

const two = { '0001_one.sql': 'create table made_1 ()', '0002_two.sql': 'create table made_2 ()' }

test('migrations are applied once, in order; other files are none', async () => {
  const url = await postgres.emptyDatabase()
  const dir = folderOf({ ...two, 'schema.sql': 'syntax error', '3_x.sql': 'syntax error' })
  assert.deepEqual(await migrate({ url, dir }), ['0001_one.sql', '0002_two.sql'])
  assert.deepEqual(await migrate({ url, dir }), [])
  writeFileSync(join(dir, '0003_three.sql'), 'create table made_3 ()')
  assert.deepEqual(await migrate({ url, dir }), ['0003_three.sql'])
  assert.deepEqual(await tablesIn(url), ['made_1', 'made_2', 'made_3'])
})

test('of five starts at once one applies them', async () => {
  const url = await postgres.emptyDatabase()
  const dir = folderOf(two)
  const applied = await Promise.all([1, 2, 3, 4, 5].map(() => migrate({ url, dir })))
  assert.deepEqual(applied.flat().sort(), ['0001_one.sql', '0002_two.sql'])
})

test('a migration that fails leaves nothing of itself, and can be mended', async () => {
  const url = await postgres.emptyDatabase()
  const dir = folderOf({ ...two, '0003_bad.sql': 'create table made_3 (); select 1/0;' })
  await assert.rejects(migrate({ url, dir }), /division by zero/)
  assert.deepEqual(await tablesIn(url), ['made_1', 'made_2'])
  writeFileSync(join(dir, '0003_bad.sql'), 'create table made_3 ()')
  assert.deepEqual(await migrate({ url, dir }), ['0003_bad.sql'])
})

test('a migration that would end its own transaction is refused before it begins', async () => {
  const url = await postgres.emptyDatabase()
  const text = 'create table made_3 ();\ncommit;\ncreate table made_4 ()'
  await assert.rejects(
    migrate({ url, dir: folderOf({ ...two, '0003_half.sql': text }) }),
    /0003_half\.sql ends its own/,
  )
  assert.deepEqual(await tablesIn(url), ['made_1', 'made_2'])
})

test('a migration that was changed afterwards is refused, and nothing later runs', async () => {
  const url = await postgres.emptyDatabase()
  const dir = folderOf(two)
  await migrate({ url, dir })
  writeFileSync(join(dir, '0001_one.sql'), 'create table made_9 ()')
  writeFileSync(join(dir, '0003_three.sql'), 'create table made_3 ()')
  await assert.rejects(
    migrate({ url, dir }),
    (error) => isAppError(error, 'conflict') && /0001_one/.test(error.message),
  )
  assert.deepEqual(await tablesIn(url), ['made_1', 'made_2'])
})

test('a database of a newer Borgen is refused with the remedy', async () => {
  const url = await postgres.emptyDatabase()
  await migrate({ url, dir: folderOf(two) })
  const older = folderOf({ '0001_one.sql': two['0001_one.sql'] })
  await assert.rejects(
    migrate({ url, dir: older }),
    (error) =>
      isAppError(error, 'conflict') && /0002_two/.test(error.message) && /later/.test(error.remedy ?? ''),
  )
})
