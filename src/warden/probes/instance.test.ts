import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addRelease, makeWorld, specOf, startTestWarden } from '../../../test/support/instances.ts'
import { createAskProbe } from '../../drivers/instances/local/ask-probe.ts'
import { createLocalInstanceDriver } from '../../drivers/instances/local/local-driver.ts'
import type { InstanceProbed } from './instance.ts'

const { boot, dispose } = await makeWorld()
const { dataDir } = boot
const warden = await startTestWarden(boot, { slots: 1 })
const driver = createLocalInstanceDriver({ dataDir })
const askProbe = createAskProbe({ dataDir })
const release = await addRelease(dataDir, 'tiny')
const [one, two] = [specOf(release), specOf(release)]
await driver.writer.start(one)
await driver.writer.start(two)
for (const state of ['awake', 'asleep']) {
  test(state, async () => {
    if (state === 'asleep') await driver.writer.stop(one.instance)
    const t = performance.now()
    const r = (await askProbe({ kind: 'instance', instance: one.instance })) as InstanceProbed
    console.log(performance.now() - t, r.was, r.uid, r.hasNetworkToPlant, r.tries.length)
    for (const x of r.tries) if (x.reached !== false || x.controlReached !== true) console.log(x)
    const t2 = performance.now()
    await askProbe({ kind: 'instance', instance: one.instance })
    console.log(performance.now() - t2)
    assert.ok(true)
  })
}
test('end', async () => {
  await warden.close()
  await dispose()
})
