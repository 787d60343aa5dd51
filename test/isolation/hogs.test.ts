import assert from 'node:assert/strict'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type {
  InstanceDriver,
  InstanceSpec,
  ObservedInstance,
} from '../../src/drivers/instances/contract/instance.ts'
import { createLocalInstanceDriver } from '../../src/drivers/instances/local/local-driver.ts'
import { isAppError } from '../../src/kernel/errors.ts'
import { diskUsage } from '../../src/warden/disk-watch.ts'
import {
  addRelease,
  addScript,
  ask,
  makeWorld,
  specOf,
  startTestWarden,
  type TestWarden,
} from '../support/instances.ts'

const limits = { memoryMiB: 192, cpus: 1, processes: 40, diskMiB: 200 }

/** Bounded by the kernel or by the warden, or declared `absent`: then there is nothing to test but the declaration. */
describe('an instance that takes all it can', () => {
  let dataDir: string
  let dispose: () => Promise<void>
  let warden: TestWarden
  let driver: InstanceDriver
  let quiet: InstanceSpec
  let quietSocket: string
  let prober: string

  before(async () => {
    const world = await makeWorld()
    dataDir = world.boot.dataDir
    dispose = world.dispose
    warden = await startTestWarden(world.boot, { slots: 1 })
    driver = createLocalInstanceDriver({ dataDir })
    const source = join(import.meta.dirname, '..', 'support', 'apps', 'prober', 'prober.mjs')
    prober = await addScript(dataDir, 'prober.mjs', await readFile(source, 'utf8'))
    quiet = specOf(await addRelease(dataDir, 'tiny'))
    quietSocket = (await driver.writer.start(quiet)).socket
  })
  after(async () => {
    await warden.close()
    await dispose()
  })

  async function hog(): Promise<{ spec: InstanceSpec; socket: string; seen: ObservedInstance }> {
    const spec = specOf(prober, { start: ['node', 'prober.mjs'], limits })
    const { socket } = await driver.writer.start(spec)
    const seen = await driver.reader.observe(spec.instance)
    assert.ok(seen)
    return { spec, socket, seen }
  }
  const othersGoOn = async () => assert.equal((await ask(quietSocket, '/health')).status, 200)

  test('a fork bomb ends at its number of processes', async (t) => {
    const { spec, socket, seen } = await hog()
    if (seen.limits.processes.state === 'absent')
      return t.diagnostic(`declared: ${seen.limits.processes.reason}`)
    await get(socket, '/fork-bomb').catch(() => {})
    let most = 0
    for (let look = 0; look < 20; look++) {
      most = Math.max(most, warden.processesOf(spec.instance).length)
      await othersGoOn()
    }
    // Above its own come the database's and the four of the two sandboxes themselves.
    assert.ok(most <= limits.processes + 64, `${most} processes`)
    assert.ok(most >= limits.processes / 2, `only ${most} processes: the bomb did not go off`)
    await driver.writer.destroy(spec.instance)
    assert.deepEqual(warden.processesOf(spec.instance), [])
  })

  test('a memory hog is ended within its memory, and the others go on', async (t) => {
    const { spec, socket, seen } = await hog()
    if (seen.limits.memory.state === 'absent') return t.diagnostic(`declared: ${seen.limits.memory.reason}`)
    await assert.rejects(get(socket, '/memory-hog'))
    await othersGoOn()
    assert.equal((await until(spec.instance, 'failed')).state, 'failed')
    await driver.writer.start(spec)
    await driver.writer.destroy(spec.instance)
  })

  test('a disk filler is ended near its disk limit, and not started again until there is room', async () => {
    const { spec, socket, seen } = await hog()
    assert.notEqual(seen.limits.disk.state, 'absent')
    const filling = get(socket, '/fill').catch(() => 'ended')
    const failed = await until(spec.instance, 'failed')
    assert.match(failed.reason ?? '', /^over its disk limit: \d+ of 200 MiB$/)
    await filling
    const folder = warden.ground.places.instance(spec.instance)
    const usedMiB = async () => (await diskUsage(folder.root)) / 1024 / 1024
    const usedThen = await usedMiB()
    assert.ok(usedThen < 4096, `${usedThen} MiB`)
    await othersGoOn()

    const refused = /over its disk limit: \d+ of 200 MiB/
    for (let retry = 0; retry < 2; retry++) {
      await assert.rejects(driver.writer.start(spec), (error) => {
        assert.ok(isAppError(error, 'unavailable'))
        assert.match(error.message, refused)
        return true
      })
      const left = await driver.reader.observe(spec.instance)
      assert.equal(left?.state, 'failed')
      assert.match(left.reason ?? '', refused)
      assert.deepEqual(warden.processesOf(spec.instance), [])
    }
    assert.ok((await usedMiB()) <= usedThen + 1)
    // A higher limit lets it start, and so does room within its own.
    const higher = { ...spec, limits: { ...limits, diskMiB: Math.ceil(usedThen) + 64 } }
    await driver.writer.start(higher)
    await driver.writer.stop(spec.instance)
    for (const name of await readdir(folder.files)) await rm(join(folder.files, name))
    await driver.writer.start(spec)
    await driver.writer.destroy(spec.instance)
    await assert.rejects(stat(join(dataDir, 'instances', spec.instance)))
  })

  test('a filler of temporary files ends at the size of its memory file system', async () => {
    const { spec, socket } = await hog()
    // Counted as memory: it is refused by the file system's size or by the memory limit, whichever is first.
    const written = await get(socket, '/tmp-fill').catch(() => '0')
    assert.ok(Number(written) <= 64 * 1024 * 1024, written)
    await othersGoOn()
    await driver.writer.destroy(spec.instance)
  })

  async function until(instance: string, state: string): Promise<ObservedInstance> {
    for (;;) {
      const seen = await driver.reader.observe(instance)
      if (seen?.state === state && seen.reason !== 'its processes are gone') return seen
      await delay(50)
    }
  }
})

function get(socketPath: string, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const asked = request(
    { socketPath, path, headers: { host: 'localhost', connection: 'close' } },
    (answer) => {
      let said = ''
      answer.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
      answer.on('end', () => resolve(said))
      answer.on('error', reject)
    },
  )
  asked.on('error', reject)
  asked.end()
  return promise
}
