import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isAppError } from '../../../kernel/errors.ts'
import { newId } from '../../../kernel/ids.ts'
import { type InstanceDriver, type InstanceSpec, limitNames } from './instance.ts'

/** A driver with the world around it, as the suite needs it. */
export type DriverUnderTest = {
  driver: InstanceDriver
  /** A new instance of an application that gets healthy. */
  healthy(): InstanceSpec
  /** A new instance of one that writes this line and ends. */
  sick(line: string): InstanceSpec
  /** Stores a note in the instance's database and files. */
  write(socket: string, note: string): Promise<void>
  /** Every note, read back from the database, and the last one from the files. */
  read(socket: string): Promise<{ notes: string[]; file: string | null }>
  /** Names of everything outside the driver that still belongs to this instance: files, groups, processes. */
  remains(instance: string): Promise<string[]>
  /** How many of its sandboxes run, counted without the driver's help. */
  running(instance: string): Promise<number>
  dispose(): Promise<void>
}

/** What every driver of instances keeps, whatever it runs them on. */
export function instanceDriverContract(name: string, make: () => Promise<DriverUnderTest>): void {
  describe(`instances on ${name}`, () => {
    let world: DriverUnderTest
    before(async () => {
      world = await make()
    })
    after(() => world.dispose())

    const stateOf = async (instance: string) => (await world.driver.reader.observe(instance))?.state

    test('starts a new instance and shows it with its limits', async () => {
      const spec = world.healthy()
      assert.equal(await world.driver.reader.observe(spec.instance), undefined)
      const started = await world.driver.writer.start(spec)
      assert.equal(started.state, 'awake')
      assert.ok(started.stages.total !== undefined)
      const seen = await world.driver.reader.observe(spec.instance)
      assert.equal(seen?.state, 'awake')
      assert.equal(seen.socket, started.socket)
      assert.deepEqual(seen.processes.map(({ role }) => role).sort(), ['app', 'database'])
      for (const limit of limitNames) assert.ok(seen.limits[limit].reason.length > 0, limit)
      await world.driver.writer.destroy(spec.instance)
    })

    test('starting twice changes nothing', async () => {
      const spec = world.healthy()
      await world.driver.writer.start(spec)
      const first = await world.driver.reader.observe(spec.instance)
      await world.driver.writer.start(spec)
      assert.deepEqual(await world.driver.reader.observe(spec.instance), first)
      await world.driver.writer.destroy(spec.instance)
    })

    test('starting with another environment replaces what runs', async () => {
      const spec = world.healthy()
      const { socket } = await world.driver.writer.start(spec)
      await world.write(socket, 'kept')
      const first = await world.driver.reader.observe(spec.instance)
      const again = await world.driver.writer.start({ ...spec, environment: { COLOUR: 'blue' } })
      const second = await world.driver.reader.observe(spec.instance)
      assert.notDeepEqual(second?.processes, first?.processes)
      assert.equal(await world.running(spec.instance), 2)
      assert.deepEqual((await world.read(again.socket)).notes, ['kept'])
      await world.driver.writer.destroy(spec.instance)
    })

    test('concurrent starts of one instance run it once', async () => {
      const spec = world.healthy()
      const started = await Promise.all([1, 2, 3, 4].map(() => world.driver.writer.start(spec)))
      assert.equal(new Set(started.map(({ socket }) => socket)).size, 1)
      assert.equal(await world.running(spec.instance), 2)
      await world.driver.writer.destroy(spec.instance)
    })

    test('stopping leaves no process, waking finds the data', async () => {
      const spec = world.healthy()
      const { socket } = await world.driver.writer.start(spec)
      await world.write(socket, 'first')
      await world.driver.writer.stop(spec.instance)
      assert.equal(await stateOf(spec.instance), 'asleep')
      assert.equal(await world.running(spec.instance), 0)
      await world.driver.writer.stop(spec.instance)
      const woken = await world.driver.writer.start(spec)
      await world.write(woken.socket, 'second')
      assert.deepEqual(await world.read(woken.socket), { notes: ['first', 'second'], file: 'second' })
      await world.driver.writer.destroy(spec.instance)
    })

    test('destroying leaves nothing, awake or asleep, once or twice', async () => {
      for (const asleep of [false, true]) {
        const spec = world.healthy()
        const { socket } = await world.driver.writer.start(spec)
        await world.write(socket, 'gone soon')
        if (asleep) await world.driver.writer.stop(spec.instance)
        await world.driver.writer.destroy(spec.instance)
        assert.deepEqual(await world.remains(spec.instance), [])
        assert.equal(await world.driver.reader.observe(spec.instance), undefined)
        await world.driver.writer.destroy(spec.instance)
        const anew = await world.driver.writer.start(spec)
        assert.deepEqual(await world.read(anew.socket), { notes: [], file: null })
        await world.driver.writer.destroy(spec.instance)
      }
    })

    test('an application that does not get healthy fails with its last lines and runs no more', async () => {
      const line = `out of cheese ${newId('evt')}`
      const spec = world.sick(line)
      await assert.rejects(world.driver.writer.start(spec), (error) => {
        assert.ok(isAppError(error, 'unavailable'))
        assert.ok(JSON.stringify(error.detail).includes(line), JSON.stringify(error.detail))
        return true
      })
      assert.equal(await stateOf(spec.instance), 'failed')
      assert.equal(await world.running(spec.instance), 0)
      await world.driver.writer.start({ ...spec, environment: {} })
      assert.equal(await stateOf(spec.instance), 'awake')
      await world.driver.writer.destroy(spec.instance)
    })

    test('stopping and destroying what is not there does nothing', async () => {
      const absent = newId('ins')
      await world.driver.writer.stop(absent)
      await world.driver.writer.destroy(absent)
      assert.equal(await world.driver.reader.observe(absent), undefined)
    })

    test('the list agrees with each observation', async () => {
      const [awake, asleep, destroyed] = [world.healthy(), world.healthy(), world.healthy()]
      for (const spec of [awake, asleep, destroyed]) await world.driver.writer.start(spec)
      await world.driver.writer.stop(asleep.instance)
      await world.driver.writer.destroy(destroyed.instance)
      const list = await world.driver.reader.list()
      assert.deepEqual(Object.fromEntries(list.map(({ instance, state }) => [instance, state])), {
        [awake.instance]: 'awake',
        [asleep.instance]: 'asleep',
      })
      for (const seen of list) assert.deepEqual(await world.driver.reader.observe(seen.instance), seen)
      for (const spec of [awake, asleep]) await world.driver.writer.destroy(spec.instance)
      assert.deepEqual(await world.driver.reader.list(), [])
    })
  })
}
