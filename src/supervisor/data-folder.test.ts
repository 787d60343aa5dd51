import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openDataFolder } from './data-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'borgen-folder-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('a folder is made with those above it', () => {
  const asked = join(folder, 'a', 'b', 'c')
  assert.equal(openDataFolder(asked), asked)
  assert.equal(openDataFolder(asked), asked)
})

const refused = { code: 'bad_request', message: /cannot be used/ }

test('a place where nothing can be made is refused at once, and nothing is made there', () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const dangling = join(folder, 'dangling')
  symlinkSync(join(folder, 'nowhere'), dangling)
  for (const asked of [
    '/proc/1/x',
    '/proc/self/x/y',
    '/sys/x',
    join(file, 'x'),
    file,
    dangling,
    join(dangling, 'x'),
  ]) {
    assert.throws(() => openDataFolder(asked), refused, asked)
    assert.equal(existsSync(join(folder, 'nowhere')), false)
  }
})

test('`borgen up` in such a place ends by itself', () => {
  const program = join(import.meta.dirname, '..', '..', 'bin', 'borgen.mjs')
  const ran = spawnSync(process.execPath, [program, 'up', '--data', '/proc/1/x'], {
    encoding: 'utf8',
    timeout: 20_000,
    killSignal: 'SIGKILL',
  })
  assert.equal(ran.signal, null)
  assert.notEqual(ran.status, 0)
  assert.match(ran.stderr, /data folder \/proc\/1\/x cannot be used/)
})
