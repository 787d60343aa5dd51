import { closeSync, existsSync, openSync } from 'node:fs'
import { realpath, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { appPlan } from '../app-sandbox.ts'
import { makeGroups, removeGroups } from '../cgroups.ts'
import { databasePlan } from '../database-sandbox.ts'
import type { Ground } from '../ground.ts'
import { type LastStart, lastStart } from '../last-start.ts'
import { divide } from '../limits.ts'
import { programAt } from '../machine.ts'
import type { InstanceFolder } from '../places.ts'
import { isAlive } from '../processes.ts'
import type { Spec } from '../requests.ts'
import { endSandbox, launchSandbox, type SandboxRecord } from '../sandbox.ts'
import type { SandboxPlan } from '../sandbox-plan.ts'
import type { Owner } from '../slots.ts'
import { lacksOf } from './lacks.ts'

/** How long an idle sandbox waits for nothing, should the warden die. */
const idleSeconds = 60
const madeLimitMs = 10_000

/**
 * The sandboxes of a sleeping instance, made from the plan that its start is made from, in which nothing runs but what
 * waits: no application, no database. `end` takes them away again.
 */
export async function startIdle(
  ground: Ground,
  instance: string,
  owner: Owner,
): Promise<{ sandboxes: SandboxRecord[]; end(): Promise<void> }> {
  const folder = ground.places.instance(instance)
  const last = await lastStart(folder)
  const plans = [
    idleApp(ground, folder, instance, last),
    ...(last.database === 'postgres' ? [await idleDatabase(ground, folder)] : []),
  ]
  const sandboxes: SandboxRecord[] = []
  const output = openSync('/dev/null', 'w')
  const end = async () => {
    for (const one of sandboxes) await endSandbox(one, 'SIGKILL', 0)
    await removeGroups(ground.cgroups, ground.world, instance)
    for (const { role } of plans)
      for (const path of [ground.places.statOf, ground.places.lockOf])
        await rm(path(`${instance}.probe`, role), { force: true })
  }
  try {
    const launched = await Promise.allSettled(
      plans.map(async (plan) => {
        const sandbox = await launchSandbox({
          plan,
          machine: ground.machine,
          owner,
          stdout: output,
          stderr: output,
          // Other names than its own start takes: whatever is left of this must not stand in that one's way.
          statFile: ground.places.statOf(`${instance}.probe`, plan.role),
          lockFile: ground.places.lockOf(`${instance}.probe`, plan.role),
          cgroups: await makeGroups(
            ground.cgroups,
            { world: ground.world, instance, role: plan.role },
            divide(last.limits, last.database)[plan.role],
          ),
          limits: { fileSizeMiB: 1 },
          marker: ground.markerOf(instance),
        })
        sandboxes.push(sandbox)
      }),
    )
    for (const one of launched) if (one.status === 'rejected') throw one.reason
    for (const one of sandboxes) await untilMade(one, owner.uid, ground.machine.seccompFile !== undefined)
    return { sandboxes, end }
  } catch (error) {
    await end()
    throw error
  } finally {
    closeSync(output)
  }
}

/** A sandbox has its processes before it has its mounts; the last that its first process does is to give up all power. */
async function untilMade({ init }: SandboxRecord, uid: number, isFiltered: boolean): Promise<void> {
  const deadline = performance.now() + madeLimitMs
  while (lacksOf(init.pid, uid, isFiltered).length > 0) {
    if (performance.now() > deadline) throw new Error('a sandbox was not made in time')
    await delay(2)
  }
  if (!isAlive(init)) throw new Error('a sandbox ended before it was made')
}

/** Gated and never let go: what stands in it is the gate. */
function idleApp(ground: Ground, folder: InstanceFolder, instance: string, last: LastStart): SandboxPlan {
  const spec: Spec = {
    ...{ instance, region: 'none', release: last.release, start: ['/bin/true'], health: '/' },
    ...{ listen: { socket: 'SOCKET_PATH' }, database: last.database, environment: {}, limits: last.limits },
    egress: last.hasEgress ? [{ host: 'none', port: 1 }] : [],
  }
  const plan = appPlan(ground.app, folder, ground.places, spec, '')
  const isThere = existsSync(ground.places.release(last.release))
  return {
    ...plan,
    mounts: plan.mounts.filter(
      (mount) => isThere || !('from' in mount) || mount.from !== ground.places.release(last.release),
    ),
    workingDir: '/',
    environment: {},
  }
}

/** There is no shell in a database's sandbox to wait in: a program that sleeps takes PostgreSQL's place. */
async function idleDatabase(ground: Ground, folder: InstanceFolder): Promise<SandboxPlan> {
  const plan = databasePlan(ground.database, folder)
  const sleep = programAt('sleep')
  if (!sleep) throw new Error('sleep is missing: install the package coreutils.')
  return {
    ...plan,
    mounts: [...plan.mounts, { kind: 'read-only', from: await realpath(sleep), to: '/idle' }],
    command: ['/idle', String(idleSeconds)],
  }
}
