import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isAppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { openDataFolder } from './data-folder.ts'
import { parseUpArguments } from './options.ts'
import { readWorld, settleWorld, writeWorld } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'borgen-world-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const options = (...args: string[]) => parseUpArguments(args, {})

test('arguments: defaults, and each option by its name', () => {
  assert.deepEqual(options(), { demo: false, dataDir: '.borgen', systemPackages: true })
  assert.deepEqual(
    options('--demo', '--data', 'x', '--no-system-packages', '--https-port', '9443', '--http-port', '0'),
    { demo: true, dataDir: 'x', systemPackages: false, httpsPort: 9443, httpPort: 0 },
  )
  const url = 'postgresql://u:p@db.test/postgres'
  assert.equal(parseUpArguments([], { BORGEN_DATABASE_URL: url }).databaseUrl, url)
})

test('arguments: garbage is named and refused', () => {
  for (const [args, named] of [
    [['--https-port', '70000'], /--https-port "70000"/],
    [['--https-port', 'x'], /--https-port "x"/],
    [['--http-port', ''], /--http-port/],
    [['--bind', 'example'], /--bind "example"/],
    [['--plane-domain', 'Not A Domain'], /--plane-domain/],
    [['--demp'], /--demp/],
    [['extra'], /extra/],
    [['--data', ''], /--data/],
  ] as const)
    assert.throws(
      () => options(...args),
      (error: Error) => isAppError(error, 'bad_request') && named.test(error.message),
      args.join(' '),
    )
  const secret = { BORGEN_DATABASE_URL: 'mysql://u:swordfish@h/d' }
  assert.throws(
    () => parseUpArguments([], secret),
    (error: Error) => isAppError(error, 'bad_request') && !error.message.includes('swordfish'),
  )
})

test('a new world has its own id; what was fixed when it was made stays', () => {
  const made = settleWorld(undefined, options('--demo'))
  assert.deepEqual([made.demo, made.httpsPort, made.httpPort], [true, 8443, 8080])
  assert.notEqual(made.worldId, settleWorld(undefined, options()).worldId)

  const again = settleWorld(made, options('--https-port', '9443'))
  assert.deepEqual(again, { ...made, httpsPort: 9443 })
  assert.deepEqual(settleWorld(again, options()), again)

  const real = settleWorld(undefined, options())
  const conflict = (error: unknown) => isAppError(error, 'conflict')
  assert.throws(() => settleWorld(real, options('--demo')), conflict)
  assert.throws(() => settleWorld(real, options('--apps-domain', 'other.test')), conflict)
  assert.throws(
    () => settleWorld(undefined, options('--plane-domain', 'a.test', '--apps-domain', 'apps.a.test')),
    (error: unknown) => isAppError(error, 'bad_request'),
  )
})

test('config.json is world-readable, round-trips, and damage is named', () => {
  const made = settleWorld(undefined, options())
  assert.equal(readWorld(folder), undefined)
  writeWorld(folder, made)
  assert.equal(statSync(layout.config(folder)).mode & 0o777, 0o644)
  assert.deepEqual(readWorld(folder), made)
  const damaged = JSON.stringify({ ...made, httpsPort: 'x', format: 2 })
  for (const text of ['', '{', '[]', damaged, readFileSync(layout.config(folder), 'utf8').slice(0, 40)]) {
    writeFileSync(layout.config(folder), text)
    assert.throws(
      () => readWorld(folder),
      (error: Error) => error.message.includes(layout.config(folder)),
    )
  }
  writeFileSync(layout.config(folder), damaged)
  assert.throws(() => readWorld(folder), /format.*|httpsPort.*/)
})

test("a folder with somebody's files is not taken over", () => {
  const foreign = join(folder, 'foreign')
  openDataFolder(foreign)
  writeFileSync(join(foreign, 'thesis.tex'), '')
  assert.throws(
    () => openDataFolder(foreign),
    (error: unknown) => isAppError(error, 'conflict'),
  )
  writeFileSync(join(folder, 'file'), '')
  assert.throws(
    () => openDataFolder(join(folder, 'file')),
    (error: unknown) => isAppError(error, 'bad_request'),
  )
})
