import { appendFileSync } from 'node:fs'
import { inspect } from 'node:util'
import type { WorldConfig } from '../kernel/boot.ts'
import { isAppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { greetOperator } from './after-ready.ts'
import { limitThisProcess } from './machine.ts'
import type { UpOptions } from './options.ts'
import { type Plane, planeOf } from './plane.ts'
import { type PreparedWorld, prepareWorld } from './prepare-world.ts'
import { enterPrivateMounts } from './private-mounts.ts'
import { descendantsOf, processesOf, signalProcess } from './proc.ts'
import type { Screen } from './screen.ts'
import { listenForStop } from './stopping.ts'
import { instanceUidCount } from './uid-block.ts'
import { showWorld } from './welcome.ts'

/** What `afterReady` is told: the world that now runs, and the token by which the server knows the supervisor. */
export type ReadyWorld = { config: WorldConfig; dataDir: string; setupToken: string; isFirstStart: boolean }

/** `afterReady` runs once everything is ready; the lines it returns are printed below the addresses. */
export type UpHooks = { afterReady?: (world: ReadyWorld) => Promise<string[]> }

const forcedGraceMs = 3_000

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

/** Stops everything in order; when asked again, kills what is left, instances included. */
async function stopAll(plane: Plane, world: PreparedWorld, again: Promise<void>): Promise<void> {
  const { screen, uids } = world
  screen.line('\nStopping …')
  const wardenPid = plane.pidOf('warden')
  const stopped = plane.stop()
  void again.then(() => {
    screen.line('Stopping at once.')
    const below = wardenPid === undefined ? [] : descendantsOf(wardenPid)
    plane.killAllButWarden()
    setTimeout(() => {
      plane.killWarden()
      for (const one of [...below, ...instanceProcesses(uids)]) signalProcess(one, 'SIGKILL')
    }, forcedGraceMs).unref()
  })
  await stopped
  reportStopped(screen)
}

function instanceProcesses(uids: PreparedWorld['uids']) {
  return uids.distinct ? processesOf(uids.instancesFrom, instanceUidCount(uids)) : []
}

function reportStopped(screen: Screen): void {
  screen.line('Stopped. The data folder is complete; start again to go on.')
}
