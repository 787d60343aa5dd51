import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { layout } from '../kernel/layout.ts'
import { newToken, openRootKms, openSecrets, type SecretMakers } from './sealed-secrets.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-secrets-'))
  folders.push(folder)
  mkdirSync(layout.keys(folder))
  mkdirSync(layout.secrets(folder))
  return folder
}

/** Opens a folder's secrets as one start of the supervisor does, with what it remembers between starts. */
async function open(dataDir: string, makers: SecretMakers, memory: { made: string[] }) {
  const kms = openRootKms(dataDir, 'w1')
  const remember = (names: string[]) => {
    memory.made = names
  }
  return openSecrets({ dataDir, worldId: 'w1', kms, makers, made: memory.made, remember })
}

test('secrets are made once, sealed, and the same at the next start', async () => {
  const dataDir = dataFolder()
  const memory = { made: [] }
  const first = await open(dataDir, { a: newToken, b: () => 'swordfish' }, memory)
  assert.deepEqual(await open(dataDir, { a: newToken, b: newToken }, memory), first)
  assert.deepEqual(memory.made, ['a', 'b'])
  assert.equal(statSync(layout.rootKey(dataDir)).mode & 0o777, 0o400)
  for (const name of readdirSync(layout.secrets(dataDir))) {
    assert.equal(statSync(join(layout.secrets(dataDir), name)).mode & 0o777, 0o400)
    assert.doesNotMatch(readFileSync(join(layout.secrets(dataDir), name), 'utf8'), /swordfish/)
  }
})

test('a later version adds its secrets without touching those there are', async () => {
  const dataDir = dataFolder()
  const memory = { made: [] }
  const first = await open(dataDir, { a: newToken }, memory)
  const second = await open(dataDir, { a: newToken, later: () => 'new' }, memory)
  assert.deepEqual(second, { ...first, later: 'new' })
  assert.deepEqual(memory.made, ['a', 'later'])
})

test('a start that was killed between sealing and remembering is made good', async () => {
  const dataDir = dataFolder()
  const first = await open(dataDir, { a: newToken }, { made: [] })
  const memory = { made: [] }
  assert.deepEqual(await open(dataDir, { a: newToken }, memory), first)
  assert.deepEqual(memory.made, ['a'])
})

test('a secret or root key that was lost is never replaced by a new one', async () => {
  const dataDir = dataFolder()
  const memory = { made: [] }
  await open(dataDir, { a: newToken, b: newToken }, memory)
  rmSync(layout.secret(dataDir, 'a'))
  await assert.rejects(open(dataDir, { a: newToken, b: newToken }, memory), /a\.sealed is missing/)
  rmSync(layout.rootKey(dataDir))
  await assert.rejects(open(dataDir, { b: newToken }, memory), /root\.key is missing/)
})

test('a sealed secret opens under its own name only', async () => {
  const dataDir = dataFolder()
  const memory = { made: [] }
  await open(dataDir, { a: newToken, b: newToken }, memory)
  rmSync(layout.secret(dataDir, 'b'))
  writeFileSync(layout.secret(dataDir, 'b'), readFileSync(layout.secret(dataDir, 'a')))
  await assert.rejects(open(dataDir, { a: newToken, b: newToken }, memory))
})
