import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isAppError } from '../../../kernel/errors.ts'
import { createLocalKms } from '../local/local-kms.ts'
import { openBytes, sealBytes, sealedUnder } from './envelope.ts'
import { openKeyStore } from './key-store.ts'

const base = mkdtempSync(join(tmpdir(), 'borgen-keys-'))
after(() => rmSync(base, { recursive: true }))
const place = { region: 'eu-frankfurt', subject: 'ins_a' }

function world() {
  const folder = mkdtempSync(join(base, 'w-'))
  const kms = createLocalKms({
    key: 'root',
    rootKeys: [{ version: 1, key: randomBytes(32) }],
    keep: async () => {},
  })
  return { folder, kms, open: () => openKeyStore({ folder, kms, purpose: 'test' }) }
}
const gone = (error: unknown) => isAppError(error, 'gone')

test('many creates at once, from two stores, yield one key in one file', async () => {
  const { folder, open } = world()
  const [one, two] = [open(), open()]
  const keys = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : two).getOrCreate(place)))
  assert.equal(new Set(keys.map(({ plaintext }) => plaintext.toString('hex'))).size, 1)
  const names = readdirSync(join(folder, 'eu-frankfurt'))
  assert.deepEqual(names, ['ins_a.1.json'])
  assert.equal(statSync(join(folder, 'eu-frankfurt', 'ins_a.1.json')).mode & 0o777, 0o600)
  assert.ok(
    !readFileSync(join(folder, 'eu-frankfurt', 'ins_a.1.json')).includes(
      keys[0]!.plaintext.toString('base64'),
    ),
  )
})

test('rotation makes a new version and leaves the old one readable', async () => {
  const store = world().open()
  const first = await store.getOrCreate(place)
  const second = await store.rotate(place)
  assert.equal(second.version, 2)
  assert.notDeepEqual(first.plaintext, second.plaintext)
  assert.deepEqual(await store.get(place), second)
  assert.deepEqual(await store.get(place, 1), first)
  assert.equal(await store.get(place, 3), undefined)
})

test('a destroyed key is gone in every version and never made anew', async () => {
  const { folder, open } = world()
  const store = open()
  await store.getOrCreate(place)
  await store.rotate(place)
  await store.getOrCreate({ ...place, subject: 'ins_ab' })
  assert.ok(store.has(place, 1) && store.has(place, 2) && !store.has(place, 3))
  assert.equal(await store.destroy(place), 2)
  assert.ok(!store.has(place, 1) && !store.has(place, 2))
  assert.equal(await store.destroy(place), 0)
  await assert.rejects(store.get(place, 1), gone)
  await assert.rejects(open().getOrCreate(place), gone)
  await assert.rejects(store.rotate(place), gone)
  assert.ok(await store.get({ ...place, subject: 'ins_ab' }))
  const listed = (await store.list()).map(({ subject, version, destroyed }) => [subject, version, destroyed])
  assert.deepEqual(listed, [
    ['ins_a', 1, true],
    ['ins_a', 2, true],
    ['ins_ab', 1, false],
  ])
  assert.ok(!readdirSync(join(folder, 'eu-frankfurt')).includes('ins_a.1.json'))
})

test('what a killed maker left of a key goes with the next look for it, and with the key', async () => {
  const { folder, open } = world()
  const region = join(folder, 'eu-frankfurt')
  const plant = () =>
    linkSync(
      join(region, 'ins_a.1.json'),
      join(region, `.tmp-ins_a.1.json-${randomBytes(8).toString('hex')}`),
    )
  const key = await open().getOrCreate(place)
  await open().getOrCreate({ ...place, subject: 'ins_ab' })
  plant()
  assert.deepEqual(await open().getOrCreate(place), key)
  assert.deepEqual(readdirSync(region).sort(), ['ins_a.1.json', 'ins_ab.1.json'])
  plant()
  assert.equal(await open().destroy(place), 1)
  assert.deepEqual(readdirSync(region).sort(), ['ins_a.1.destroyed', 'ins_ab.1.json'])
})

test('a key file moved to another subject, region or purpose does not open', async () => {
  const { folder, kms, open } = world()
  const store = open()
  await store.getOrCreate(place)
  await assert.rejects(openKeyStore({ folder, kms, purpose: 'other' }).get(place), (error) =>
    isAppError(error, 'forbidden'),
  )
  renameSync(join(folder, 'eu-frankfurt', 'ins_a.1.json'), join(folder, 'eu-frankfurt', 'ins_b.1.json'))
  await assert.rejects(store.get({ ...place, subject: 'ins_b' }), (error) => isAppError(error, 'forbidden'))
})

test('a damaged key file is an error that names it, never a new key', async () => {
  const { folder, open } = world()
  await open().getOrCreate(place)
  writeFileSync(join(folder, 'eu-frankfurt', 'ins_a.1.json'), '{"v":1')
  await assert.rejects(open().getOrCreate(place), /key file of ins_a in eu-frankfurt is damaged/)
})

test('names that leave the folder are refused', async () => {
  const store = world().open()
  for (const bad of [
    { region: '..', subject: 'a' },
    { region: 'eu', subject: '../x' },
    { region: 'EU', subject: 'a' },
  ])
    await assert.rejects(store.getOrCreate(bad), (error) => isAppError(error, 'bad_request'))
})

test('bytes sealed under a data key name it and open with it only', async () => {
  const store = world().open()
  const key = await store.getOrCreate(place)
  const sealed = await sealBytes(key, { field: 'password' }, Buffer.from('hunter2'))
  assert.equal((await openBytes(key, { field: 'password' }, sealed)).toString(), 'hunter2')
  assert.deepEqual(sealedUnder(sealed), { scheme: 'borgen-key-1', key: key.keyId, version: '1' })
  await assert.rejects(openBytes(key, { field: 'other' }, sealed), (error) => isAppError(error, 'forbidden'))
  const next = await store.rotate(place)
  await assert.rejects(openBytes(next, { field: 'password' }, sealed), /another key/)
  for (const text of ['', '{}', '[]', sealed.slice(1), sealed.replace('"v":1', '"v":2')])
    await assert.rejects(openBytes(key, {}, text), (error) => isAppError(error, 'bad_request'))
})
