import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { addScript, ask, makeWorld, specOf } from '../../test/support/instances.ts'
import { descriptorsOf } from '../../test/support/planted-descriptors.ts'
import { spawnWarden, type WardenProcess } from '../../test/support/wardens.ts'
import { createLocalInstanceDriver } from '../drivers/instances/local/local-driver.ts'
import type { Boot } from '../kernel/boot.ts'
import { isAppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { folderOf } from './places.ts'
import { allPids } from './processes.ts'

const app = `
const { createServer } = require('node:http')
const fs = require('node:fs')
const tried = (work) => { try { work(); return 'done' } catch (error) { return error.code } }
const asks = {
  '/health': () => ({}),
  '/write': () => { console.log('planted line'); console.error('planted error'); return {} },
  '/flood': () => { for (let at = 0; at < 20000; at++) console.log('flood ' + at); return {} },
  '/erase': () => ({
    truncate: tried(() => fs.ftruncateSync(1, 0)),
    truncateError: tried(() => fs.ftruncateSync(2, 0)),
    overwrite: tried(() => fs.writeSync(1, 'x', 0)),
    readBack: tried(() => fs.readSync(1, Buffer.alloc(9))),
    openToWrite: tried(() => fs.openSync('/proc/self/fd/1', 'r+')),
    openToRead: tried(() => fs.openSync('/proc/self/fd/1', fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)),
    mode: tried(() => fs.fchmodSync(1, 0o666)),
  }),
}
if (process.env.DIE) {
  for (let at = 0; at < 3000; at++) fs.writeSync(2, 'dying ' + at + ' ' + '.'.repeat(100) + '\\n')
  process.exit(3)
}
createServer((request, answer) => answer.end(JSON.stringify(asks[request.url]()))).listen(process.env.SOCKET_PATH)
`

let boot: Boot
let dispose: () => Promise<void>
let release: string
const wardens: WardenProcess[] = []

before(async () => {
  const world = await makeWorld()
  boot = world.boot
  dispose = world.dispose
  release = await addScript(boot.dataDir, 'server.cjs', app)
})
after(async () => {
  for (const warden of wardens) await warden.kill('SIGTERM')
  await dispose()
})

async function begin(): Promise<WardenProcess> {
  const warden = await spawnWarden(boot, { slots: 0 })
  wardens.push(warden)
  return warden
}
const specHere = (environment: Record<string, string> = {}) =>
  specOf(release, { start: ['node', 'server.cjs'], database: 'none', environment })
const driverHere = () => createLocalInstanceDriver({ dataDir: boot.dataDir })
const logsOf = (instance: string) => folderOf(layout.instance(boot.dataDir, instance))

/** The log, as soon as this is in it. */
async function logWith(path: string, wanted: string): Promise<string> {
  for (;;) {
    const text = readFileSync(path, 'utf8')
    if (text.includes(wanted)) return text
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('an instance can take back nothing of what it wrote', async () => {
  await begin()
  const driver = driverHere()
  const spec = specHere()
  const { socket } = await driver.writer.start(spec)
  const folder = logsOf(spec.instance)
  await ask(socket, '/write')
  await logWith(folder.logOf('app.out'), 'planted line\n')
  await logWith(folder.logOf('app.err'), 'planted error\n')
  const { body } = await ask(socket, '/erase')
  assert.deepEqual(body, {
    truncate: 'EINVAL',
    truncateError: 'EINVAL',
    overwrite: 'ESPIPE',
    readBack: 'EBADF',
    ...(process.getuid?.() === 0
      ? { openToWrite: 'EACCES', openToRead: 'EACCES', mode: 'EPERM' }
      : { openToWrite: 'done', openToRead: 'done', mode: 'done' }),
  })
  await driver.writer.stop(spec.instance)
  assert.match(readFileSync(folder.logOf('app.out'), 'utf8'), /^planted line$/m)
  assert.match(readFileSync(folder.logOf('app.err'), 'utf8'), /^planted error$/m)
  await driver.writer.destroy(spec.instance)
  await wardens.pop()?.kill('SIGTERM')
})

test('what an instance writes while no warden runs is in its log, and it goes on under the next one', async () => {
  const first = await begin()
  const driver = driverHere()
  const spec = specHere()
  const { socket } = await driver.writer.start(spec)
  const before = await driver.reader.observe(spec.instance)
  const path = logsOf(spec.instance).logOf('app.out')
  await first.kill('SIGKILL')
  await ask(socket, '/flood')
  await logWith(path, 'flood 19999\n')
  await begin()
  assert.deepEqual(await driver.reader.observe(spec.instance), before)
  await ask(socket, '/write')
  const lines = (await logWith(path, 'planted line\n')).trimEnd().split('\n')
  assert.deepEqual(lines, [...Array.from({ length: 20_000 }, (_, at) => `flood ${at}`), 'planted line'])
  await driver.writer.destroy(spec.instance)
})

test('who carries the output may be killed: nothing is lost, and the instance does not notice', async () => {
  const driver = driverHere()
  const spec = specHere()
  const { socket } = await driver.writer.start(spec)
  const path = logsOf(spec.instance).logOf('app.out')
  await ask(socket, '/write')
  await logWith(path, 'planted line\n')
  // All of the plane and all who carry, as when somebody kills whatever the world started outside its sandboxes.
  const carriers = openedBy(path)
  assert.equal(carriers.length, 1)
  for (const warden of wardens.splice(0)) await warden.kill('SIGKILL')
  for (const pid of carriers) process.kill(pid, 'SIGKILL')
  await ask(socket, '/write')
  assert.equal((await ask(socket, '/health')).status, 200)
  await begin()
  await ask(socket, '/flood')
  const lines = (await logWith(path, 'flood 19999\n')).trimEnd().split('\n')
  const flood = Array.from({ length: 20_000 }, (_, at) => `flood ${at}`)
  assert.deepEqual(lines, ['planted line', 'planted line', ...flood])
  // And one that is killed alone is replaced.
  for (const pid of openedBy(path)) process.kill(pid, 'SIGKILL')
  await ask(socket, '/flood')
  await driver.writer.destroy(spec.instance)
})

test('the last lines of one that dies are all there, and told', async () => {
  const driver = driverHere()
  const spec = specHere({ DIE: 'yes' })
  await assert.rejects(driver.writer.start(spec), (error) => {
    assert.ok(isAppError(error, 'unavailable'))
    assert.match(JSON.stringify(error.detail), /dying 2999/)
    return true
  })
  const lines = readFileSync(logsOf(spec.instance).logOf('app.err'), 'utf8').match(/^dying \d+ \.{100}$/gm)
  assert.equal(lines?.length, 3000)
  await driver.writer.destroy(spec.instance)
})

/** Processes that have this file open. */
function openedBy(path: string): number[] {
  return allPids().filter((pid) => descriptorsOf(pid, 0).some(({ target }) => target === path))
}
