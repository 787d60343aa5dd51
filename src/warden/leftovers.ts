import { readFileSync } from 'node:fs'
import { processesIn } from './cgroups.ts'
import type { Ground } from './ground.ts'
import {
  childrenOf,
  isAlive,
  type ProcessIdentity,
  parseStat,
  processesMarked,
  processesOfUid,
  processOf,
  signal,
  waitUntilGone,
} from './processes.ts'
import type { Owner } from './slots.ts'

const reapedWithinMs = 500

/**
 * Every living process of an instance, found without trusting that anybody wrote it down: by its groups, by what each
 * sandbox wrote about itself before it began, and (`thorough`) by its user id or, without one of its own, by the
 * variable it was started with.
 */
export function leftoversOf(
  ground: Ground,
  instance: string,
  owner: Owner | undefined,
  thorough: boolean,
): ProcessIdentity[] {
  const found = new Map<number, ProcessIdentity>()
  const add = (one: ProcessIdentity | undefined) => {
    if (one && isAlive(one)) found.set(one.pid, { pid: one.pid, startTime: one.startTime })
  }
  for (const pid of processesIn(ground.cgroups, ground.world, instance)) add(processOf(pid))
  for (const role of ['app', 'database'])
    for (const one of treeOf(monitorIn(ground.places.statOf(instance, role)))) add(one)
  if (thorough) {
    const others =
      ground.machine.root && owner ? processesOfUid(owner.uid) : processesMarked(ground.markerOf(instance))
    for (const one of others) add(one)
  }
  return [...found.values()]
}

function monitorIn(statFile: string): ProcessIdentity | undefined {
  try {
    const stat = parseStat(readFileSync(statFile, 'utf8'))
    return stat && isAlive(stat) ? stat : undefined
  } catch {
    return undefined
  }
}

function treeOf(root: ProcessIdentity | undefined): ProcessIdentity[] {
  return root ? [root, ...childrenOf(root.pid).flatMap(treeOf)] : []
}

/** Kills what is left of an instance and resolves when nothing of it lives. */
export async function reap(
  ground: Ground,
  instance: string,
  owner: Owner | undefined,
  thorough = !hasGroups(ground),
): Promise<number> {
  let killed = 0
  // A process may fork while it is being found, so this goes on until none is left.
  for (let round = 0; round < 100; round++) {
    const left = leftoversOf(ground, instance, owner, thorough)
    if (left.length === 0) return killed
    killed += left.length
    // The outermost ends by itself once it has reaped those below it. Killed with them, it would leave them to the first
    // process of the machine, which in a container may be one that reaps nobody.
    const inner = round === 0 ? withParentAmong(left) : []
    for (const one of inner) signal(one, 'SIGKILL')
    if (inner.length > 0) await waitUntilGone(left, reapedWithinMs)
    for (const one of left) signal(one, 'SIGKILL')
    await waitUntilGone(left, 5000)
  }
  throw new Error(`processes of ${instance} survive SIGKILL`)
}

function withParentAmong(all: ProcessIdentity[]): ProcessIdentity[] {
  const pids = new Set(all.map(({ pid }) => pid))
  return all.filter(({ pid }) => pids.has(processOf(pid)?.parent ?? 0))
}

function hasGroups(ground: Ground): boolean {
  return Object.values(ground.cgroups).some((mount) => mount !== undefined)
}
