import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { run } from './testing/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'bcli-connect-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const TOKEN = `bgn_${'a'.repeat(43)}`

function world(name: string, files: Record<string, string>): string {
  const dataDir = join(folder, name)
  mkdirSync(dataDir)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dataDir, file), text)
  return dataDir
}

test('where nothing runs the exit code is 3 and the remedy says what to start', async () => {
  const none = await run(['region', 'list', '--json'], { cwd: folder })
  assert.equal(none.code, 3)
  assert.match(none.json().error.detail, new RegExp(`no Borgen world in ${join(folder, '.borgen')}`))
  assert.match(none.json().error.remedy, /borgen up/)

  const starting = await run(['region', 'list', '--data', world('starting', { 'config.json': '{}' })])
  assert.equal(starting.code, 3)
  assert.match(starting.stderr, /Wait until `borgen up` says that it is ready/)

  const stopped = await run(['region', 'list'], {
    env: { BORGEN_DATA: world('stopped', { 'cli.token': TOKEN }) },
  })
  assert.equal(stopped.code, 3)
  assert.match(stopped.stderr, /Start it with `borgen up --data/)
})

test('a token that is none, or that may not be read, is exit code 4', async () => {
  const broken = await run(['region', 'list', '--data', world('broken', { 'cli.token': 'no\ntoken' })])
  assert.equal(broken.code, 4)
  assert.doesNotMatch(broken.stderr, /no\ntoken/)
  const none = await run(['region', 'list'], { env: { BORGEN_URL: 'https://console.borgen.localhost:1' } })
  assert.equal(none.code, 4)
  assert.match(none.stderr, /BORGEN_TOKEN/)
})

test('an address that would show the token to others, or is none, is exit code 2', async () => {
  for (const url of [
    'http://borgen.example',
    'ftp://localhost',
    'borgen.example',
    'https://a.example/path',
    'https://u:p@a.example',
  ]) {
    const refused = await run(['region', 'list'], { env: { BORGEN_URL: url, BORGEN_TOKEN: TOKEN } })
    assert.equal(refused.code, 2, url)
    assert.match(refused.stderr, /BORGEN_URL/)
  }
  const ca = await run(['region', 'list'], {
    env: { BORGEN_URL: 'https://console.borgen.localhost:1', BORGEN_TOKEN: TOKEN, BORGEN_CA: '/etc/passwd' },
  })
  assert.equal(ca.code, 2)
  assert.match(ca.stderr, /BORGEN_CA/)
})

test('a remote server that does not answer is exit code 3; --data means this machine all the same', async () => {
  const env = { BORGEN_URL: 'https://console.borgen.localhost:1', BORGEN_TOKEN: TOKEN }
  const refused = await run(['region', 'list'], { env })
  assert.equal(refused.code, 3)
  assert.match(refused.stderr, /Check BORGEN_URL/)
  const here = await run(['region', 'list', '--data', folder], { env })
  assert.match(here.stderr, /no Borgen world/)
})
