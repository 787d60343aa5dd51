import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import type { WorldConfig } from '../kernel/boot.ts'
import { isAppError } from '../kernel/errors.ts'
import { closeInheritedDescriptors } from '../kernel/inherited-descriptors.ts'
import { layout } from '../kernel/layout.ts'
import { greetOperator } from './after-ready.ts'
import { limitThisProcess } from './machine.ts'
import type { UpOptions } from './options.ts'
import { type Plane, planeOf } from './plane.ts'
import { type PreparedWorld, prepareWorld } from './prepare-world.ts'
import { enterPrivateMounts } from './private-mounts.ts'
import { descendantsOf, isAlive, type ProcessIdentity, processesOf, signalProcess } from './proc.ts'
import { listenForStop } from './stopping.ts'
import { instanceUidCount } from './uid-block.ts'
import { showWorld } from './welcome.ts'

/** What `afterReady` is told: the world that now runs, and the token by which the server knows the supervisor. */
export type ReadyWorld = { config: WorldConfig; dataDir: string; setupToken: string; isFirstStart: boolean }

/** `afterReady` runs once everything is ready; the lines it returns are printed below the addresses. */
export type UpHooks = { afterReady?: (world: ReadyWorld) => Promise<string[]> }

const forcedGraceMs = 3_000
const pollMs = 10

/**
 * `borgen up`: brings a world up on this machine and returns after it was stopped (Ctrl-C, SIGTERM) and nothing of it
 * runs any more. Throws AppError when it cannot start; then too nothing is left running. Call it first in a process: as
 * root it starts the same program again inside a mount namespace of its own.
 */
export async function runUp(
  options: UpOptions,
  hooks: UpHooks = { afterReady: greetOperator },
): Promise<void> {
  const startedAt = performance.now()
  // Before anything is started: each process of the world would hand them on to the next, down into the instances.
  closeInheritedDescriptors()
  const isRoot = process.getuid?.() === 0
  const isPrivate = isRoot && enterPrivateMounts()
  limitThisProcess()
  const stop = listenForStop()
  let plane: Plane | undefined
  // Until processes start there is nothing to stop in order: every step before can be repeated.
  void stop.asked.then(() => plane ?? process.exit(130))
  const world = await prepareWorld(options, { isRoot, isPrivate })
  plane = planeOf(world)
  try {
    const start = world.screen.step('processes', () => plane.start())
    const outcome = await Promise.race([start.then(() => 'ready'), stop.asked])
    if (outcome === 'ready') {
      world.noteUp()
      const ready = { ...world.ready, isFirstStart: world.isFirstStart }
      const lines = (await Promise.race([greet(hooks, world, ready), stop.asked])) ?? []
      showWorld(world, lines, performance.now() - startedAt)
      await stop.asked
    }
  } finally {
    await stopAll(plane, world, stop.again)
    stop.silence()
  }
}

/** What runs stays up when greeting fails: the next start greets again. */
async function greet(hooks: UpHooks, world: PreparedWorld, ready: ReadyWorld): Promise<string[]> {
  const { afterReady } = hooks
  const { screen, home, dataDir } = world
  if (afterReady === undefined) return []
  try {
    return await screen.step('operator and customers', () => afterReady(ready))
  } catch (error) {
    const remedy = isAppError(error) && error.remedy ? ` ${error.remedy}` : ''
    const [sentence] = (error instanceof Error ? error.message : String(error)).split('\n')
    screen.problem(`${sentence}${remedy}`.replaceAll(dataDir, home))
    appendFileSync(layout.log(ready.dataDir, 'supervisor'), `${inspect(error)}\n`, { mode: 0o600 })
    return []
  }
}

/**
 * Stops everything in order; when asked again, kills what is left, instances included. Returns when no process of the
 * plane and none of an instance runs any more.
 */
async function stopAll(plane: Plane, world: PreparedWorld, again: Promise<void>): Promise<void> {
  const { screen, uids } = world
  screen.line('\nStopping …')
  const wardenPid = plane.pidOf('warden')
  const below = wardenPid === undefined ? [] : descendantsOf(wardenPid)
  const ofInstances = () => [...below.filter(isAlive), ...instanceProcesses(uids)]
  const killInstances = () => {
    for (const one of ofInstances()) signalProcess(one, 'SIGKILL')
  }
  const stopped = plane.stop()
  void again.then(() => {
    screen.line('Stopping at once.')
    plane.killAllButWarden()
    setTimeout(() => {
      plane.killWarden()
      killInstances()
    }, forcedGraceMs).unref()
  })
  await stopped
  // The warden has told them to stop; the last of them may still be on their way out.
  for (let waitedMs = 0; ofInstances().length > 0; waitedMs += pollMs) {
    if (waitedMs >= forcedGraceMs) killInstances()
    await delay(pollMs)
  }
  screen.line('Stopped. The data folder is complete; start again to go on.')
}

function instanceProcesses(uids: PreparedWorld['uids']): ProcessIdentity[] {
  return uids.distinct ? processesOf(uids.instancesFrom, instanceUidCount(uids)) : []
}
