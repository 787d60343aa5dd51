import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pg from 'pg'
import { migrate } from '../../src/kernel/migrate.ts'
import { migrationsIn } from '../../src/kernel/migrations.ts'
import { startPostgres } from '../support/postgres.ts'

const sql = join(import.meta.dirname, '..', '..', 'sql')
const before = mkdtempSync(join(tmpdir(), 'bwords-'))
const postgres = await startPostgres()
after(async () => {
  await postgres.stop()
  rmSync(before, { recursive: true, force: true })
})
const both = (text: string) => ({ en: text, sv: text })

test('verdicts, history and evidence of a world from before are kept, said alike in each language', async () => {
  for (const name of migrationsIn(sql).filter((one) => one < '0009'))
    copyFileSync(join(sql, name), join(before, name))
  const url = await postgres.emptyDatabase()
  await migrate({ url, dir: before })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const population = { all: 2, examined: 2, kept: 1, of: 'addresses' }
    const evidence = [
      { what: 'b.test', seen: 'takes tls-1.0', isAsPromised: null },
      { what: 'a.test', seen: 'refuses', isAsPromised: true },
    ]
    const findings = [
      { part: 'web', state: 'broken', reason: 'b.test', remedy: 'Mend it.', population, evidence },
      { part: 'pop', state: 'absent', reason: 'No POP.' },
    ]
    const verdict = `insert into pledges.verdicts values ($1, 'broken', 'It’s bare.', $2, $3, $4, 1, 2, 1, 1)`
    await client.query(verdict, ['transport.tls', 'Mend it.', population, JSON.stringify(findings)])
    await client.query(verdict, ['encryption.disks', null, null, '[]'])
    await client.query(
      `insert into pledges.transitions values ('transport.tls', 1, 'broken', 'It’s bare.', $1), ('transport.tls', 2, 'unknown', 'Silent.', null)`,
      [population],
    )
    const shown = { state: 'broken', tried: 1, held: 0, lacking: ['BPF'], notable: ['reached: a file'] }
    await client.query(`insert into isolation.probes values ('ins_a', 'broken', 'awake', 7, $1, 1, 1)`, [
      { application: shown, database: { ...shown, notable: [] } },
    ])
    await client.query(
      `insert into location.artefacts (place, store, path, kind, reason, seen_at) values ('a', 's', 'a', 'key', 'As signed.', 1), ('b', 's', 'b', 'key', null, 1)`,
    )

    await migrate({ url, dir: sql })

    const rows = async (query: string) => (await client.query(query)).rows
    const said = { ...population, of: both('addresses') }
    assert.deepEqual(
      await rows('select reason, remedy, population, findings from pledges.verdicts order by pledge desc'),
      [
        {
          ...{ reason: both('It’s bare.'), remedy: both('Mend it.'), population: said },
          findings: [
            {
              ...{ part: 'web', state: 'broken', reason: both('b.test'), remedy: both('Mend it.') },
              ...{ population: said, evidence: evidence.map((one) => ({ ...one, seen: both(one.seen) })) },
            },
            { part: 'pop', state: 'absent', reason: both('No POP.') },
          ],
        },
        { reason: both('It’s bare.'), remedy: null, population: null, findings: [] },
      ],
    )
    assert.deepEqual(await rows('select reason, population from pledges.transitions order by at'), [
      { reason: both('It’s bare.'), population: said },
      { reason: both('Silent.'), population: null },
    ])
    assert.deepEqual((await rows('select tries from isolation.probes'))[0].tries, {
      application: { ...shown, notable: [both('reached: a file')] },
      database: { ...shown, notable: [] },
    })
    assert.deepEqual(await rows('select reason from location.artefacts order by place'), [
      { reason: both('As signed.') },
      { reason: null },
    ])
    await assert.rejects(client.query('delete from pledges.transitions'))
  } finally {
    await client.end()
  }
})
