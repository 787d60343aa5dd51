import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { createLocalInstanceDriver } from '../../src/drivers/instances/local/local-driver.ts'
import type { Boot } from '../../src/kernel/boot.ts'
import type { CrashStep } from '../../src/warden/crash-point.ts'
import { placesUnder } from '../../src/warden/places.ts'
import { groupsOf, worldOf } from './groups.ts'
import { addRelease, ask, makeWorld, processesNamed, specOf } from './instances.ts'
import { spawnWarden, type WardenProcess } from './wardens.ts'

export type CrashWorld = { boot: Boot; release: string; dispose(): Promise<void> }

/** A data folder with the template made, so that each round starts where a real warden would. */
export async function makeCrashWorld(): Promise<CrashWorld> {
  const { boot, dispose } = await makeWorld()
  const release = await addRelease(boot.dataDir, 'tiny')
  const first = await spawnWarden(boot, { slots: 0 })
  await first.kill('SIGTERM')
  return { boot, release, dispose }
}

type Die = { at: CrashStep } | { afterMs: number }

/** kill -9 while an instance is being made: the next start has it, once, and nothing else is left. */
export async function crashInProvision(world: CrashWorld, die: Die): Promise<void> {
  const { boot } = world
  const driver = createLocalInstanceDriver({ dataDir: boot.dataDir })
  const spec = specOf(world.release)
  await dieDuring(boot, die, async () => void (await driver.writer.start(spec)))
  await withWarden(boot, async () => {
    const { socket } = await driver.writer.start(spec)
    await mustRun(boot, spec.instance, 2)
    await ask(socket, '/visit?note=after')
    assert.deepEqual(await ask(socket, '/visits'), { status: 200, body: { notes: ['after'], file: 'after' } })
    await driver.writer.destroy(spec.instance)
    await mustBeGone(boot, spec.instance)
  })
  await mustHoldNothing(boot)
}

/** kill -9 while an instance with data wakes: what was acknowledged is there, and only one of it runs. */
export async function crashInWake(world: CrashWorld, die: Die): Promise<void> {
  const { boot } = world
  const driver = createLocalInstanceDriver({ dataDir: boot.dataDir })
  const spec = specOf(world.release)
  await withWarden(boot, async () => {
    const { socket } = await driver.writer.start(spec)
    await ask(socket, '/visit?note=before')
    await driver.writer.stop(spec.instance)
  })
  await dieDuring(boot, die, async () => {
    await driver.writer.start(spec)
    await driver.writer.stop(spec.instance)
  })
  await withWarden(boot, async () => {
    const { socket } = await driver.writer.start(spec)
    await mustRun(boot, spec.instance, 2)
    assert.deepEqual(await ask(socket, '/visits'), {
      status: 200,
      body: { notes: ['before'], file: 'before' },
    })
    await driver.writer.destroy(spec.instance)
    await mustBeGone(boot, spec.instance)
  })
  await mustHoldNothing(boot)
}

/** kill -9 while an awake instance is destroyed: destroying again, or only starting the warden, ends it. */
export async function crashInDestroy(world: CrashWorld, die: Die): Promise<void> {
  const { boot } = world
  const driver = createLocalInstanceDriver({ dataDir: boot.dataDir })
  const spec = specOf(world.release)
  await dieDuring(boot, die, async () => {
    const { socket } = await driver.writer.start(spec)
    await ask(socket, '/visit?note=doomed')
    await driver.writer.destroy(spec.instance)
  })
  await withWarden(boot, async () => {
    await driver.writer.destroy(spec.instance)
    await mustBeGone(boot, spec.instance)
    const { socket } = await driver.writer.start(spec)
    assert.deepEqual(await ask(socket, '/visits'), { status: 200, body: { notes: [], file: null } })
    await driver.writer.destroy(spec.instance)
  })
  await mustHoldNothing(boot)
}

async function dieDuring(boot: Boot, die: Die, work: () => Promise<void>): Promise<void> {
  const warden = await spawnWarden(boot, { slots: 0, ...('at' in die ? { crashAt: die.at } : {}) })
  const working = work().then(
    () => 'done',
    () => 'interrupted',
  )
  if ('at' in die) {
    assert.equal(await working, 'interrupted', `the step ${die.at} was never reached: ${warden.said()}`)
    await warden.ended
  } else {
    const timer = setTimeout(() => void warden.kill('SIGKILL'), die.afterMs)
    await working
    clearTimeout(timer)
    await warden.kill('SIGKILL')
  }
}

async function withWarden(boot: Boot, work: (warden: WardenProcess) => Promise<void>): Promise<void> {
  const warden = await spawnWarden(boot, { slots: 0 })
  try {
    await work(warden)
  } catch (error) {
    throw new Error(`with this warden: ${warden.said()}`, { cause: error })
  } finally {
    await warden.kill('SIGTERM')
  }
}

async function mustRun(boot: Boot, instance: string, sandboxes: number): Promise<void> {
  const inits = processesNamed(`${worldOf(boot)}:${instance}`).filter(({ isInit }) => isInit)
  assert.equal(inits.length, sandboxes, 'one sandbox each for database and application')
}

async function mustBeGone(boot: Boot, instance: string): Promise<void> {
  assert.deepEqual(processesNamed(`${worldOf(boot)}:${instance}`), [])
  assert.deepEqual(groupsOf(boot, instance), [])
}

/** Nothing in any folder of the warden but what it keeps for good, no group and no process of this world. */
async function mustHoldNothing(boot: Boot): Promise<void> {
  const places = placesUnder(boot.dataDir)
  for (const folder of [places.instances, places.pool, places.trash, places.running, places.observed]) {
    assert.deepEqual(await readdir(folder), [], folder)
  }
  assert.equal((await readdir(places.templates)).filter((name) => name.startsWith('.')).length, 0)
  assert.deepEqual(groupsOf(boot, ''), [])
}
