import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  addRelease,
  ask,
  makeWorld,
  specOf,
  startTestWarden,
  type TestWarden,
} from '../../../test/support/instances.ts'
import { createAskProbe } from '../../drivers/instances/local/ask-probe.ts'
import { createLocalInstanceDriver } from '../../drivers/instances/local/local-driver.ts'
import { layout } from '../../kernel/layout.ts'
import type { InstanceProbed } from './instance.ts'

const { boot, dispose } = await makeWorld()
const { dataDir } = boot
const driver = createLocalInstanceDriver({ dataDir })
const askProbe = createAskProbe({ dataDir })
const probe = (instance: string) => askProbe({ kind: 'instance', instance }) as Promise<InstanceProbed>
let warden: TestWarden
let release: string

before(async () => {
  warden = await startTestWarden(boot, { slots: 1 })
  release = await addRelease(dataDir, 'tiny')
})
after(async () => {
  await warden.close()
  await driver.close()
  await dispose()
})

test('an instance is probed from both its sandboxes, awake and asleep, and stays as it was', async () => {
  const spec = specOf(release)
  const { socket } = await driver.writer.start(spec)
  const observed = () =>
    readFileSync(join(layout.run(dataDir, 'warden'), 'observed', `${spec.instance}.json`), 'utf8')
  for (const was of ['awake', 'asleep']) {
    if (was === 'asleep') await driver.writer.stop(spec.instance)
    const stood = observed()
    const seen = await probe(spec.instance)
    assert.equal(seen.was, was)
    const from = (name: string) => seen.tries.filter((one) => one.from === name).length
    assert.ok(from('application') > 60 && from('database') > 60 && from('outside') > 5)
    assert.deepEqual(
      seen.tries.filter((one) => one.reached === null).map(({ name }) => name),
      [],
      'every try has an answer',
    )
    assert.equal(observed(), stood)
    if (was === 'awake') assert.equal((await ask(socket, '/health')).status, 200)
    else assert.deepEqual(warden.processesOf(spec.instance), [], 'nothing of it is left')
  }
})

test('an instance that is wanted while it is probed is started, and the probe says nothing', async () => {
  const spec = specOf(release)
  await driver.writer.start(spec)
  await driver.writer.stop(spec.instance)
  for (let round = 0; round < 3; round++) {
    const probing = probe(spec.instance).then(
      ({ was }) => was,
      (error: Error) => error.message,
    )
    const { socket } = await driver.writer.start(spec)
    assert.match(await probing, /^asleep$|wanted|started/)
    assert.equal((await ask(socket, '/health')).status, 200)
    assert.equal((await probe(spec.instance)).was, 'awake')
    await driver.writer.stop(spec.instance)
  }
  const left = readdirSync(join(layout.warden(dataDir), 'running')).filter((name) => name.includes('probe'))
  assert.deepEqual(left, [])
})

test('one at a time of an instance; of one that is not there nothing is said', async () => {
  const spec = specOf(release)
  await driver.writer.start(spec)
  const both = await Promise.allSettled([probe(spec.instance), probe(spec.instance)])
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await driver.writer.destroy(spec.instance)
  await assert.rejects(probe(spec.instance), { code: 'bad_request' })
  assert.equal(existsSync(layout.instance(dataDir, spec.instance)), false)
})
