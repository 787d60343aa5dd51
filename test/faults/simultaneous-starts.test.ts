import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createLocalInstanceDriver } from '../../src/drivers/instances/local/local-driver.ts'
import type { Boot } from '../../src/kernel/boot.ts'
import { addRelease, ask, makeWorld, specOf } from '../support/instances.ts'
import { until } from '../support/running-world.ts'
import { spawnWarden, type WardenProcess } from '../support/wardens.ts'
import { type PostgresWatch, watchPostgres } from './oracle/postgres-watch.ts'
import { serversIn, worksBelow } from './oracle/read-processes.ts'

describe('two starts of one instance at the same moment, asked of the warden itself', () => {
  let boot: Boot
  let dispose: () => Promise<void>
  let release: string
  let watch: PostgresWatch
  const wardens: WardenProcess[] = []
  before(async () => {
    ;({ boot, dispose } = await makeWorld())
    release = await addRelease(boot.dataDir, 'tiny')
    watch = await watchPostgres(boot.dataDir)
    wardens.push(await spawnWarden(boot, { slots: 0 }))
  })
  after(async () => {
    for (const warden of wardens) await warden.kill('SIGTERM')
    await watch.close()
    await dispose()
  })
  const writer = () => createLocalInstanceDriver({ dataDir: boot.dataDir }).writer

  test('run one server, when they say the same and when they say different things', async () => {
    const spec = specOf(release)
    const same = await Promise.all(Array.from({ length: 4 }, () => writer().start(spec)))
    assert.equal(new Set(same.map(({ socket }) => socket)).size, 1)
    assert.equal(serversIn(join(boot.dataDir, 'instances', spec.instance, 'pg')).length, 1)
    const [server] = serversIn(join(boot.dataDir, 'instances', spec.instance, 'pg'))
    assert.ok(server && worksBelow(server.pid, boot.dataDir), 'the watch takes it for one of this world')
    const versions = ['one', 'two', 'three'].map((version) => ({
      ...spec,
      environment: { VERSION: version },
    }))
    await Promise.all([
      ...versions.map((one) => writer().start(one)),
      writer().stop(spec.instance),
      writer().start(spec),
    ])
    assert.equal(serversIn(join(boot.dataDir, 'instances', spec.instance, 'pg')).length, 1)
    assert.deepEqual(watch.overlaps, [])
    await writer().destroy(spec.instance)
    assert.equal(serversIn(join(boot.dataDir, 'instances', spec.instance, 'pg')).length, 0)
  })

  test('run one server although two wardens serve one folder, and what was written stays', async () => {
    const spec = specOf(release)
    const { socket } = await writer().start(spec)
    await ask(socket, '/visit?note=before')
    await writer().stop(spec.instance)
    // The first warden is asked while the second one comes up and mends what it takes for leftovers.
    const first = writer()
      .start(spec)
      .catch(() => undefined)
    wardens.push(await spawnWarden(boot, { slots: 0 }))
    const second = writer()
      .start({ ...spec, environment: { VERSION: 'second' } })
      .catch(() => undefined)
    await Promise.all([first, second])
    await wardens[0]?.kill('SIGKILL')
    const started = await writer().start(spec)
    await until(
      'one server runs',
      () => serversIn(join(boot.dataDir, 'instances', spec.instance, 'pg')).length === 1,
    )
    const { body } = await ask(started.socket, '/visits')
    assert.deepEqual(body, { notes: ['before'], file: 'before' })
    assert.deepEqual(watch.overlaps, [])
    await writer().destroy(spec.instance)
  })
})
