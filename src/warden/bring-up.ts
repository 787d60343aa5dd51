import { existsSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { appPlan } from './app-sandbox.ts'
import { makeGroups } from './cgroups.ts'
import { crashPoint } from './crash-point.ts'
import { databasePlan, isDatabaseReady } from './database-sandbox.ts'
import { readTail } from './files.ts'
import type { Ground } from './ground.ts'
import { waitUntilHealthy } from './health.ts'
import { divide } from './limits.ts'
import { openOutput, resumeOutput } from './output.ts'
import type { InstanceFolder, LogName } from './places.ts'
import type { Spec } from './requests.ts'
import { type LaunchedSandbox, launchSandbox } from './sandbox.ts'
import type { SandboxPlan } from './sandbox-plan.ts'
import { databasePassword, emptyFolder, type Identity } from './slots.ts'
import type { Stopwatch } from './stopwatch.ts'

const startLimitMs = 60_000
const databaseReadyLimitMs = 60_000
const tailBytes = 4096
const logNames: LogName[] = ['app.out', 'app.err', 'database.log']

export type BringUp = {
  /** Under which its groups, locks and records stand: an instance's id, or another name for a throwaway. */
  name: string
  spec: Spec
  folder: InstanceFolder
  identity: Identity
  stages: Stopwatch
  /** Everything that was launched, also when bringing up fails; the application first. */
  launched: LaunchedSandbox[]
  /** Each resolves when all that a sandbox wrote is in its log, which is after its end. */
  drained: Promise<void>[]
  /** What a throwaway wants otherwise. */
  adjust?(plan: SandboxPlan): SandboxPlan
}

/**
 * Launches an instance's two sandboxes side by side, lets the application go when its database is ready, and resolves
 * when it is healthy. Throws otherwise, with the caller to take down what is in `launched`.
 */
export async function bringUp(ground: Ground, wanted: BringUp): Promise<void> {
  const { name, spec, folder, launched, stages } = wanted
  await Promise.all([
    emptyFolder(folder.run),
    emptyFolder(folder.db),
    rm(join(folder.pg, 'postmaster.pid'), { force: true, recursive: true }),
  ])
  const password = databasePassword(ground.passwordKey, wanted.identity.slot)
  const app = begin(ground, wanted, appPlan(ground.app, folder, ground.places, spec, password), [
    'app.out',
    'app.err',
  ])
  const database =
    spec.database === 'postgres'
      ? begin(ground, wanted, databasePlan(ground.database, folder), ['database.log'])
      : undefined
  // Both are awaited even when one fails, so that the caller sees all that has to be taken down.
  const begun = await Promise.allSettled([app, database])
  launched.sort((a, b) => a.role.localeCompare(b.role))
  for (const one of begun) if (one.status === 'rejected') throw one.reason
  crashPoint('start.launched')
  stages.mark('sandboxes')
  const [application, server] = [await app, await database]
  if (server) {
    await waitForDatabase(folder, server)
    crashPoint('start.database-ready')
    stages.mark('database')
  }
  application.release()
  crashPoint('start.gone')
  const sick = await waitUntilHealthy(
    folder.socket,
    spec.health,
    spec.startLimitMs ?? startLimitMs,
    application.ended,
    ground.machine.root ? ground.boot.uids.edge : undefined,
  )
  if (sick) throw new Error(`${name.startsWith('ins_') ? '' : `${name}: `}${sick}`)
  crashPoint('start.healthy')
  stages.mark('application')
}

async function begin(
  ground: Ground,
  wanted: BringUp,
  plan: SandboxPlan,
  logs: readonly [LogName, LogName?],
): Promise<LaunchedSandbox> {
  const { name, spec, folder } = wanted
  const { machine } = ground
  const { diskMiB: limitMiB } = spec.limits
  const [out, err] = logs
  const stdout = await openOutput({ machine, folder, name: out, limitMiB })
  const stderr = err === undefined ? stdout : await openOutput({ machine, folder, name: err, limitMiB })
  const program = { stdout: stdout.writeEnd, stderr: stderr.writeEnd }
  try {
    const sandbox = await launchSandbox({
      plan: wanted.adjust?.(plan) ?? plan,
      machine,
      owner: wanted.identity,
      // PostgreSQL, which has no gate, heeds no failure to write.
      ...(plan.gated ? { stdout: stdout.bothEnds, stderr: stderr.bothEnds, program } : program),
      statFile: ground.places.statOf(name, plan.role),
      lockFile: ground.places.lockOf(name, plan.role),
      cgroups: await makeGroups(
        ground.cgroups,
        { world: ground.world, instance: name, role: plan.role },
        divide(spec.limits, spec.database)[plan.role],
      ),
      limits: { fileSizeMiB: limitMiB },
      marker: ground.markerOf(name),
    })
    wanted.launched.push(sandbox)
    return sandbox
  } finally {
    for (const pipe of new Set([stdout, stderr])) wanted.drained.push(pipe.carry())
  }
}

async function waitForDatabase(folder: InstanceFolder, database: LaunchedSandbox): Promise<void> {
  let ended: string | undefined
  void database.ended.then((how) => {
    ended = how
  })
  const deadline = performance.now() + databaseReadyLimitMs
  while (!isDatabaseReady(folder)) {
    if (ended !== undefined) throw new Error(`its database ${ended}`)
    if (performance.now() > deadline) throw new Error('its database was not ready in time')
    await delay(2)
  }
}

/** Sizes of an instance's logs in bytes, by name. */
export function logSizes(folder: InstanceFolder): Record<string, number> {
  const sizeOf = (name: LogName) => (existsSync(folder.logOf(name)) ? statSync(folder.logOf(name)).size : 0)
  return Object.fromEntries(logNames.map((name) => [name, sizeOf(name)]))
}

/** Sees to it that what an instance writes goes on into its logs, whatever became of who carried it. */
export function resumeOutputs(ground: Ground, instance: string, limitMiB: number): void {
  const folder = ground.places.instance(instance)
  for (const name of logNames) resumeOutput({ machine: ground.machine, folder, name, limitMiB })
}

/** What an instance wrote last, of what came after these sizes. */
export async function lastLines(folder: InstanceFolder, from: Record<string, number>): Promise<string[]> {
  const texts = await Promise.all(
    logNames.map((name) => readTail(folder.logOf(name), from[name] ?? 0, tailBytes)),
  )
  return texts.flatMap((text) => text.split('\n').filter(Boolean).slice(-20))
}
