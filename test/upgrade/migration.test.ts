import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import pg from 'pg'
import { layout } from '../../src/kernel/layout.ts'
import { openRootKms, openSecrets } from '../../src/supervisor/sealed-secrets.ts'
import { filesUnder } from '../isolation/stores-search.ts'
import {
  clearWorld,
  fullyUp,
  processesTouching,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import { presentCode } from './older-code.ts'

/** Migrations of a version to come: each makes a table, the middle one takes long in between. */
const planted = {
  '9001_first.sql': 'create table public.planted_1 (n int); insert into public.planted_1 values (1);',
  '9002_slow.sql':
    'create table public.planted_2 (n int); insert into public.planted_2 values (2); select pg_sleep(case when (select count(*) from kernel.killed) = 0 then 600 else 0 end); insert into public.planted_2 values (22);',
  '9003_last.sql': 'create table public.planted_3 (n int); insert into public.planted_3 values (3);',
}

describe('a version with more migrations', () => {
  const dataDir = worldFolder()
  const newer = presentCode()
  const worlds: RunningWorld[] = []
  after(async () => {
    for (const { child, end } of worlds)
      if (child.exitCode === null && child.signalCode === null) await end('SIGINT')
    clearWorld(dataDir)
    rmSync(newer, { recursive: true, force: true })
  })
  const start = (code?: string) => {
    const world = startWorld(dataDir, code ? { code } : {})
    worlds.push(world)
    return world
  }
  /** One query as the owner of the plane's database; undefined while there is nobody to ask. */
  const ask = async (query: string): Promise<unknown[] | undefined> => {
    const { worldId } = worlds[0]!.config()
    const makers = { databasePostgres: () => assert.fail('no such secret') }
    const kms = openRootKms(dataDir, worldId)
    const given = { dataDir, worldId, kms, makers, made: ['databasePostgres'], remember: () => {} }
    const { databasePostgres: password } = await openSecrets(given)
    const client = new pg.Client({
      host: layout.databaseSockets(dataDir),
      user: 'postgres',
      password,
      database: 'borgen',
    })
    try {
      await client.connect()
      return (await client.query({ text: query, rowMode: 'array' })).rows.map((row: unknown[]) => row[0])
    } catch {
      return undefined
    } finally {
      await client.end().catch(() => {})
    }
  }

  test('killed, with everything else, in the middle of a migration: the next start goes on, and each is applied once', async () => {
    const first = start()
    await first.said(fullyUp)
    await ask('create table kernel.killed (n int)')
    await ask('grant select on kernel.killed to public')
    assert.equal(await first.end('SIGINT'), 0)

    for (const [name, text] of Object.entries(planted)) writeFileSync(join(newer, 'sql', name), text)
    start(newer)
      .said(fullyUp)
      .catch(() => {})
    const isSleeping = `select pid from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()`
    await until('the slow migration runs', async () => ((await ask(isSleeping))?.length ?? 0) > 0)
    assert.deepEqual(await ask(`select relname from pg_class where relname like 'planted%' order by 1`), [
      'planted_1',
    ])
    for (const pid of processesTouching(dataDir)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {} // it went with another one
    }
    await until('every process is gone', () => processesTouching(dataDir).length === 0)

    const second = start(newer)
    await until('the slow migration runs again', async () => ((await ask(isSleeping))?.length ?? 0) > 0)
    await ask('insert into kernel.killed values (1)')
    await ask(
      `select pg_cancel_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()`,
    )
    await second.said(fullyUp)
    assert.deepEqual(
      await ask(
        'select n from planted_1 union all select n from planted_2 union all select n from planted_3 order by 1',
      ),
      [1, 2, 3, 22],
    )
    assert.deepEqual(
      await ask(`select name from kernel.migrations where name like '9%' order by 1`),
      Object.keys(planted),
    )
    assert.equal(await second.end('SIGINT'), 0)
  })

  test('a folder of a newer version is refused with the remedy, and nothing of it is changed', async () => {
    await until('every process is gone', () => processesTouching(dataDir).length === 0)
    const before = digestsOf(dataDir)
    const refused = start()
    await assert.rejects(refused.said(fullyUp))
    assert.equal(refused.child.exitCode, 4, refused.output())
    assert.match(refused.output(), /The data folder was migrated by a newer Borgen \(9003_last\.sql\)\./)
    assert.match(refused.output(), /Start that version or a later one/)
    assert.deepEqual(digestsOf(dataDir), before)
    assert.deepEqual(processesTouching(dataDir), [])
  })

  test('so it is, if later, when only its database says so', async () => {
    const config = JSON.parse(readFileSync(layout.config(dataDir), 'utf8')) as { newestMigration?: string }
    delete config.newestMigration
    writeFileSync(layout.config(dataDir), JSON.stringify(config))
    const refused = start()
    await assert.rejects(refused.said(fullyUp))
    assert.match(
      refused.output(),
      /migrated by a newer Borgen \(9003_last\.sql\)\. Start that version or a later one/,
    )
    await until('every process is gone', () => processesTouching(dataDir).length === 0)
  })
})

/** Every file of the folder by its content; the lock names who tried last, and says nothing about the world. */
function digestsOf(folder: string): string[] {
  return filesUnder(folder)
    .filter((path) => path !== 'supervisor.lock')
    .map(
      (path) =>
        `${path} ${createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex')}`,
    )
    .sort()
}
