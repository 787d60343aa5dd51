import assert from 'node:assert/strict'
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { saidInEachLanguage } from '../../../../test/support/each-language.ts'
import {
  addRelease,
  makeWorld,
  specOf,
  startTestWarden,
  type TestWarden,
} from '../../../../test/support/instances.ts'
import { startPostgres, type TestPostgres } from '../../../../test/support/postgres.ts'
import { createTestClock } from '../../../../test/support/test-clock.ts'
import { createAskProbe } from '../../../drivers/instances/local/ask-probe.ts'
import { createLocalInstanceDriver } from '../../../drivers/instances/local/local-driver.ts'
import { createLocalStores } from '../../../drivers/instances/local/local-stores.ts'
import { type Db, openDatabase } from '../../../kernel/db.ts'
import { same } from '../../../pledges/sentence.ts'
import { combine, type Finding } from '../../../pledges/verdict.ts'
import { locate, type Place, type Seen } from './locate.ts'
import { pinned } from './pledges.ts'
import { judgePlaces, provePinned } from './prove.ts'
import { countArtefacts, listArtefacts } from './store.ts'

const parts = pinned.parts
const { boot, dispose } = await makeWorld()
const { dataDir } = boot
const driver = createLocalInstanceDriver({ dataDir })
const clock = createTestClock()
const promised = new Map<string, string>()
let places: Place[] = []
let release: string
let warden: TestWarden
let postgres: TestPostgres
let database: { db: Db; close(): Promise<void> }
const [one, two] = [specOf('0'.repeat(64)), { ...specOf('0'.repeat(64)), region: 'uk' }]

before(async () => {
  postgres = await startPostgres()
  database = openDatabase(postgres.urlAs('borgen_prover'), { maxConnections: 2 })
  warden = await startTestWarden(boot, { slots: 1 })
  release = await addRelease(dataDir, 'tiny')
  for (const spec of [one, two]) {
    promised.set(spec.instance, spec.region)
    await driver.writer.start({ ...spec, release })
    put(`keyring/${spec.region}/${spec.instance}.1.json`)
    put(`ledger/keys/${spec.region}/${spec.instance}.1.json`)
    put(`ledger/regions/${spec.region}/${spec.instance}/0000000000000000.seg`)
  }
  await driver.writer.stop(two.instance)
  put('ledger/regions/plane/plane/0000000000000000.seg')
  put('ledger/keys/plane/plane.1.json')
  put('ledger/regions/.planted/planted/0000000000000000.seg')
  put(`warden/planted/own/of.ins_${'0'.repeat(26)}`)
})
after(async () => {
  await warden.close()
  await driver.close()
  await database.close()
  await postgres.stop()
  await dispose()
})

function put(path: string): void {
  mkdirSync(dirname(join(dataDir, path)), { recursive: true })
  writeFileSync(join(dataDir, path), 'sealed')
}

async function prove(): Promise<readonly Finding[]> {
  clock.advance(1000)
  const proof = provePinned({
    ...{ db: database.db, clock, stores: createLocalStores(createAskProbe({ dataDir })) },
    ...{ promised: async () => promised, places: async () => places },
  })
  const asked = { values: {}, nowMs: clock.now(), signal: new AbortController().signal }
  return saidInEachLanguage(await proof.prove(asked))
}
const verdict = async () => combine(parts, await prove())
async function assertKept(): Promise<void> {
  const findings = await prove()
  assert.equal(combine(parts, findings).state, 'kept', JSON.stringify(findings, undefined, 1))
}
const signed: Place[] = ['eu-frankfurt', 'uk'].map((region) => ({ region, isSimulated: true }))

test('a world without customers keeps no promise to them: the plane’s own log and key count for nothing', () => {
  const own = { store: 'segments', path: 'ledger/regions/plane/plane', kind: 'log', instance: null } as const
  const artefact = {
    ...own,
    observed: 'plane',
    promised: 'plane',
    isInside: true,
    sizeBytes: 1,
    reason: same('own'),
  }
  assert.equal(combine(parts, judgePlaces({ artefacts: [artefact], strays: [] })).state, 'unexercised')
})

describe('with everything where it belongs', () => {
  test('and nobody who signed where the stores are: unknown', async () => {
    const { state, reason } = await verdict()
    assert.equal(state, 'unknown')
    assert.match(reason.en, /Nobody has signed/)
  })
  test('and every place signed: kept, and it says that they are simulated', async () => {
    places = signed
    const findings = await prove()
    const { state, reason } = combine(parts, findings)
    assert.equal(state, 'kept', JSON.stringify(findings, undefined, 1))
    assert.match(reason.en, /simulated places/)
    const sentences = reason.en.split(/(?<=\.) /)
    assert.equal(new Set(sentences).size, sentences.length, reason.en)
    assert.equal(findings.find(({ part }) => part === 'backups')?.state, 'absent')
  })
  test('an instance that is being put there for the first time: its region stands there before it does', async () => {
    const three = { ...specOf('0'.repeat(64)), region: 'uk', release }
    promised.set(three.instance, 'uk')
    const starting = driver.writer.start(three)
    while (!existsSync(join(dataDir, 'instances', three.instance))) await delay(2)
    const findings = await prove()
    assert.equal(combine(parts, findings).state, 'kept', JSON.stringify(findings, undefined, 1))
    assert.equal(findings.find(({ part }) => part === 'database')?.population?.all, 3)
    await starting
    await driver.writer.destroy(three.instance)
    promised.delete(three.instance)
  })
  test('one place not signed: unknown', async () => {
    places = signed.slice(1)
    assert.equal((await verdict()).state, 'unknown')
    places = signed
  })
  test('one machine signed to be in two real places: unknown', async () => {
    places = signed.map((place) => ({ ...place, isSimulated: false }))
    assert.equal((await verdict()).state, 'unknown')
    places = signed
  })
  test('what was seen can be listed, with sizes', async () => {
    await prove()
    const { rows, total } = await listArtefacts(database.db, { limit: 5 })
    assert.equal(rows.length, 5)
    assert.ok(total > 10)
    const pg = (await listArtefacts(database.db, { instance: two.instance, limit: 100 })).rows.find(
      ({ kind }) => kind === 'database',
    )
    assert.ok((pg?.size_bytes ?? 0) > 1_000_000)
    assert.equal(pg?.observed, 'uk')
    const counts = await countArtefacts(database.db)
    assert.equal(counts.find((one) => one.region === 'uk' && one.kind === 'key')?.artefacts, 2)
  })
})

describe('with something where it does not belong', () => {
  const outside: [string, string][] = [
    ['a key', `keyring/uk/${one.instance}.1.json`],
    ["a key of the log's", `ledger/keys/us/${one.instance}.1.json`],
    ['a part of the log', `ledger/regions/japan/${one.instance}/0000000000000000.seg`],
  ]
  for (const [what, path] of outside)
    test(`${what} in the store of another region: 'broken', named, and kept again without it`, async () => {
      put(path)
      const { state, reason } = await verdict()
      assert.equal(state, 'broken')
      assert.match(reason.en, new RegExp(path.replace(/\/0+\.seg$/, '').replaceAll('.', '\\.')))
      const { rows } = await listArtefacts(database.db, { outside: true, limit: 10 })
      assert.deepEqual(
        rows.map(({ is_inside, instance }) => [is_inside, instance]),
        [[false, one.instance]],
      )
      rmSync(join(dataDir, path.endsWith('.seg') ? dirname(path) : path), { recursive: true })
      await assertKept()
    })
  test('an instance that was put into the stores of another region: broken', async () => {
    promised.set(one.instance, 'japan')
    assert.equal((await verdict()).state, 'broken')
    promised.set(one.instance, one.region)
  })
  const copies: [string, string, string][] = [
    ['a whole database among releases', 'pg', 'releases/restored'],
    ['a whole database in a cache', 'pg', 'cache/edge/restored'],
    ['a whole database beside the plane’s', 'pg', 'plane/pg/base/restored'],
    ['a whole instance in a release', '', `releases/${'a'.repeat(64)}/${two.instance}`],
    ['a whole instance among the folders of the data folder', '', two.instance],
    ['files in a folder of that name', 'files', `logs/old/of/${two.instance}`],
  ]
  for (const [what, from, to] of copies)
    test(`${what}: 'broken', named once, and kept again without it`, async () => {
      cpSync(join(dataDir, 'instances', two.instance, from), join(dataDir, to), { recursive: true })
      const findings = await prove()
      const { state, reason } = combine(parts, findings)
      assert.equal(state, 'broken', JSON.stringify(findings, undefined, 1))
      assert.ok(reason.en.includes(to), reason.en)
      const outside = findings.flatMap(({ part, evidence = [] }) =>
        part === 'sessions' ? [] : evidence.filter(({ isAsPromised }) => isAsPromised === false),
      )
      assert.deepEqual(
        outside.map((one) => one.what),
        [to],
      )
      const added = to.split('/').slice(0, 2).join('/')
      rmSync(join(dataDir, added), { recursive: true })
      await assertKept()
    })
  const laid: [string, string][] = [
    ['a key among what was signed', `evidence/${two.instance}.1.json`],
    ['a key among sockets', `run/worker/${two.instance}.1.json`],
    ['a segment in the cache', 'cache/0000000000000000.seg'],
  ]
  for (const [what, path] of laid)
    test(`${what}: 'broken', and kept again without it`, async () => {
      put(path)
      const { state, reason } = await verdict()
      assert.equal(state, 'broken')
      assert.ok(reason.en.includes(path), reason.en)
      rmSync(join(dataDir, path))
      await assertKept()
    })
  const strays: [string, () => string][] = [
    ['an unknown folder in the data folder', () => 'copy-of-everything/x'],
    ['an unknown file in an instance', () => `instances/${one.instance}/dump.sql`],
    ['an instance that nobody knows', () => 'instances/ins_11111111111111111111111111/pg/PG_VERSION'],
    ['an unknown folder among instances', () => 'instances/old/pg/PG_VERSION'],
    ['a file beside the keys', () => 'keyring/uk/backup.tar'],
    ['a file beside the regions of the keyring', () => 'keyring/backup.tar'],
    ['a file beside the segments', () => `ledger/regions/uk/${two.instance}/copy`],
    ['a folder among releases', () => 'releases/old/app.js'],
    ['a file among what was signed', () => 'evidence/dump.sql'],
    ['a file among secrets', () => 'secrets/dump.sql'],
    ['a folder among caches', () => 'cache/copy/dump.sql'],
    ['a folder beside the plane’s database', () => 'plane/copy/dump.sql'],
    ['a file among sockets', () => 'run/warden/dump.sql'],
    ['a file in the demo’s folder', () => 'demo/dump.sql'],
    ['a key of nobody', () => 'keyring/uk/ins_11111111111111111111111111.1.json'],
  ]
  for (const [what, pathOf] of strays)
    test(`${what}: unknown, and named`, async () => {
      const path = pathOf()
      put(path)
      const findings = await prove()
      const { state, reason } = combine(parts, findings)
      assert.equal(state, 'unknown', JSON.stringify(findings, undefined, 1))
      const first = /^run/.test(path) ? path : path.split('/').slice(0, 2).join('/')
      assert.ok(JSON.stringify(findings).includes(first.replace(/\/x$/, '')), reason.en)
      const top = path.startsWith('copy') ? 'copy-of-everything' : path
      rmSync(
        join(dataDir, /^(instances\/old|releases|cache|plane\/)|ins_111/.test(path) ? removable(path) : top),
        {
          recursive: true,
        },
      )
      await assertKept()
    })
  test('a link in the place of a folder: unknown', async () => {
    const link = join(dataDir, 'ledger', 'regions', 'uk', 'ins_22222222222222222222222222')
    symlinkSync(join(dataDir, 'keyring'), link)
    assert.equal((await verdict()).state, 'unknown')
    rmSync(link)
  })
  test('a copy beside the original counts for itself', async () => {
    const from = join(dataDir, 'keyring', 'uk', `${two.instance}.1.json`)
    copyFileSync(from, join(dataDir, 'keyring', 'uk', `${two.instance}.2.json`))
    await assertKept()
    rmSync(join(dataDir, 'keyring', 'uk', `${two.instance}.2.json`))
  })
})

const removable = (path: string) =>
  path.startsWith('keyring') ? path : path.split('/').slice(0, 2).join('/')

test('60,000 artefacts of 10,000 instances are located and judged', async () => {
  const ids = Array.from({ length: 10_000 }, (_, at) => `ins_${String(at).padStart(26, '0')}`)
  const item = (path: string, kind: 'folder' | 'file', region?: string) => ({
    ...{ path, kind, uid: 1, sizeBytes: 1 },
    ...(region === undefined ? {} : { region }),
  })
  const seen: Seen = {
    ...{ 'data-folder': [], surroundings: [], trash: [] },
    instances: ids.flatMap((id) =>
      ['pg', 'files', 'log'].map((name) => item(`instances/${id}/${name}`, 'folder', 'uk')),
    ),
    keyring: ids.map((id) => item(`keyring/uk/${id}.1.json`, 'file')),
    'log-keys': ids.map((id) => item(`ledger/keys/uk/${id}.1.json`, 'file')),
    segments: ids.map((id) => item(`ledger/regions/uk/${id}`, 'folder')),
  }
  const located = locate(seen, new Map(ids.map((id) => [id, 'uk'])), signed)
  assert.equal(located.artefacts.length, 60_000)
  assert.equal(combine(parts, judgePlaces(located)).state, 'kept')
})
