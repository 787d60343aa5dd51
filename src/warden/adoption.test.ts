import assert from 'node:assert/strict'
import { test } from 'node:test'
import { worldOf } from '../../test/support/groups.ts'
import { addRelease, ask, makeWorld, processesNamed, specOf } from '../../test/support/instances.ts'
import { spawnWarden, type WardenProcess } from '../../test/support/wardens.ts'
import { createLocalInstanceDriver } from '../drivers/instances/local/local-driver.ts'
import { waitUntilGone } from './processes.ts'

test('an instance outlives a killed warden, and the next one takes it into care', async (t) => {
  const { boot, dispose } = await makeWorld()
  const wardens: WardenProcess[] = []
  t.after(async () => {
    for (const warden of wardens) await warden.kill('SIGTERM')
    await dispose()
  })
  const begin = async () => {
    const warden = await spawnWarden(boot, { slots: 0 })
    wardens.push(warden)
    return warden
  }
  const driver = createLocalInstanceDriver({ dataDir: boot.dataDir })
  const spec = specOf(await addRelease(boot.dataDir, 'tiny'))
  const first = await begin()
  const { socket } = await driver.writer.start(spec)
  await ask(socket, '/visit?note=kept')
  const before = await driver.reader.observe(spec.instance)
  await first.kill('SIGKILL')
  assert.equal((await ask(socket, '/health')).status, 200)
  assert.deepEqual(await driver.reader.observe(spec.instance), before)

  const second = await begin()
  assert.deepEqual(await driver.reader.observe(spec.instance), before)
  // The same spec is running already; nothing is started again.
  await driver.writer.start(spec)
  assert.deepEqual(await driver.reader.observe(spec.instance), before)

  // Its end is noticed although it is not this warden's child.
  const app = before?.processes.find(({ role }) => role === 'app')
  assert.ok(app)
  process.kill(app.pid, 'SIGKILL')
  assert.deepEqual(await waitUntilGone([app], 10_000), [])
  assert.equal((await driver.reader.observe(spec.instance))?.state, 'failed')
  await driver.writer.start(spec)
  assert.deepEqual((await ask(socket, '/visits')).body, { notes: ['kept'], file: 'kept' })
  await second.kill('SIGTERM')
  assert.deepEqual(processesNamed(`${worldOf(boot)}:${spec.instance}`), [])
  assert.equal((await driver.reader.observe(spec.instance))?.state, 'asleep')
})

test('a second sandbox on the same data is refused while one lives', async (t) => {
  const { boot, dispose } = await makeWorld()
  const wardens: WardenProcess[] = []
  t.after(async () => {
    for (const warden of wardens) await warden.kill('SIGTERM')
    await dispose()
  })
  const begin = async () => {
    const warden = await spawnWarden(boot, { slots: 0 })
    wardens.push(warden)
    return warden
  }
  const driver = createLocalInstanceDriver({ dataDir: boot.dataDir })
  const spec = specOf(await addRelease(boot.dataDir, 'tiny'))
  await begin()
  await begin()
  // Two wardens are a fault in itself; whatever they do to each other, never two databases on one folder.
  const results = await Promise.allSettled([driver.writer.start(spec), driver.writer.start(spec)])
  assert.ok(results.length === 2)
  const databases = processesNamed(`${worldOf(boot)}:${spec.instance}`).filter(({ isInit }) => isInit)
  assert.ok(databases.length <= 2)
  await driver.writer.destroy(spec.instance)
})
