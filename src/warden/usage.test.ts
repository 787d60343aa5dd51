import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addRelease, makeWorld, specOf, startTestWarden } from '../../test/support/instances.ts'
import { createLocalInstanceDriver } from '../drivers/instances/local/local-driver.ts'
import { createLocalUsageReader } from '../drivers/instances/local/local-usage.ts'
import { publishUsage } from './usage.ts'

test('what awake instances use is published for the plane to read, and nothing of those asleep', async (t) => {
  const { boot, dispose } = await makeWorld()
  const warden = await startTestWarden(boot, { slots: 0 })
  const closed = new AbortController()
  t.after(async () => {
    closed.abort()
    await warden.close()
    await dispose()
  })
  const driver = createLocalInstanceDriver({ dataDir: boot.dataDir })
  const usage = createLocalUsageReader({ dataDir: boot.dataDir })
  const spec = specOf(await addRelease(boot.dataDir, 'tiny'))
  await driver.writer.start(spec)
  const seen = (await driver.reader.observe(spec.instance))!
  const sandboxes = seen.processes.map(({ role, pid, startTime }) => {
    const init = { pid, startTime }
    return { role, monitor: init, init }
  })
  const running = new Map([[spec.instance, { instance: spec.instance, sandboxes }]])
  const publishOnce = (records: Parameters<typeof publishUsage>[1], diskBytes?: number) => {
    const once = new AbortController()
    const done = publishUsage(
      warden.ground,
      records,
      () => diskBytes,
      () => 42,
      once.signal,
      60_000,
    )
    once.abort()
    return done
  }
  await publishOnce(running, 4096)
  const { at, items } = (await usage.read())!
  assert.equal(at, 42)
  assert.equal(items.length, 1)
  const [one] = items
  assert.deepEqual([one!.instance, one!.diskBytes], [spec.instance, 4096])
  assert.ok(one!.processes! >= 2, String(one!.processes))
  assert.ok(one!.cpuTotalMs! > 0, 'starting took processor time')
  if (warden.ground.cgroups.memory) assert.ok(one!.memoryBytes! > 1_000_000)
  else assert.equal(one!.memoryBytes, null)

  await driver.writer.stop(spec.instance)
  await publishOnce(new Map())
  assert.deepEqual((await usage.read())!.items, [])
})
