import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { addRelease, makeWorld, specOf, startTestWarden } from '../../test/support/instances.ts'
import { createLocalInstanceDriver } from '../drivers/instances/local/local-driver.ts'
import { reap } from './leftovers.ts'
import { parseStat } from './processes.ts'
import { readIdentity } from './slots.ts'

test('what is killed is reaped by its own parent, and not left to the first process of the machine', async (t) => {
  const { boot, dispose } = await makeWorld()
  const warden = await startTestWarden(boot, { slots: 0 })
  t.after(async () => {
    await warden.close()
    await dispose()
  })
  const driver = createLocalInstanceDriver({ dataDir: boot.dataDir })
  const release = await addRelease(boot.dataDir, 'tiny')
  for (let count = 0; count < 3; count++) {
    const spec = specOf(release)
    await driver.writer.start(spec)
    const pids = warden.processesOf(spec.instance).map(({ pid }) => pid)
    assert.ok(pids.length > 6)
    const identity = await readIdentity(warden.ground.places.instance(spec.instance))
    assert.ok((await reap(warden.ground, spec.instance, identity, true)) > 0)
    // This process reaps its own in its next turn.
    assert.deepEqual(
      pids.filter((pid) => parentOf(pid) !== undefined && parentOf(pid) !== process.pid),
      [],
    )
  }
})

/** Of a process that is there, be it only to be reaped. */
function parentOf(pid: number): number | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.parent
  } catch {
    return undefined
  }
}
