import { createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError, isAppError } from '../kernel/errors.ts'
import { bringUp, lastLines, logSizes, resumeOutputs } from './bring-up.ts'
import { removeGroups } from './cgroups.ts'
import { crashPoint } from './crash-point.ts'
import { diskUsage, overDiskLimit } from './disk-watch.ts'
import type { Ground } from './ground.ts'
import { rememberStart } from './last-start.ts'
import { reap } from './leftovers.ts'
import { declaredLimits } from './limits.ts'
import type { InstanceFolder } from './places.ts'
import { plantName } from './planted-name.ts'
import { bootId, isAlive } from './processes.ts'
import { type Limits, type Published, publish, unpublish } from './published.ts'
import type { Spec } from './requests.ts'
import { type RunRecord, removeRunRecord, writeRunRecord } from './run-record.ts'
import { endSandbox, type LaunchedSandbox, type SandboxRecord } from './sandbox.ts'
import { type Identity, readIdentity, type Slots } from './slots.ts'
import { startStopwatch } from './stopwatch.ts'

const graceMs = 8_000
const databaseGraceMs = 20_000
const drainedWithinMs = 2_000
// A server that just lost a process to a crash and starts anew can miss the first signal for good; what it then leaves
// unwritten it recovers at its next start.
const immediateShutdown = { signalName: 'SIGQUIT', afterMs: 3_000 } as const

export type Started = { state: 'awake'; socket: string; stages: Record<string, number> }

/** An awake instance as this warden keeps it; `sandboxes` in the order in which they are to be stopped. */
export type Running = RunRecord & { unwatch?: () => void }

/** Start, stop and destroy, one at a time for each instance. Everything they leave behind can be found and mended. */
export function createLife(ground: Ground, slots: Slots) {
  const { places, machine, logger } = ground
  const running = new Map<string, Running>()
  const turns = new Map<string, Promise<unknown>>()

  function inTurn<T>(instance: string, work: () => Promise<T>): Promise<T> {
    const before = turns.get(instance) ?? Promise.resolve()
    const mine = before.then(work, work)
    const settled = mine.catch(() => {})
    turns.set(instance, settled)
    void settled.then(() => {
      if (turns.get(instance) === settled) turns.delete(instance)
    })
    return mine
  }

  async function show(
    instance: string,
    state: Published['state'],
    limits: Limits,
    more: Partial<Published> = {},
  ) {
    await publish(places, ground.planeGid, {
      instance,
      state,
      bootId: bootId(),
      processes: [],
      limits,
      ...more,
    })
  }

  async function start(spec: Spec): Promise<Started> {
    const stages = startStopwatch()
    const { instance } = spec
    const fingerprint = fingerprintOf(ground.passwordKey, spec)
    const current = running.get(instance)
    if (current?.fingerprint === fingerprint && current.sandboxes.every((one) => isAlive(one.init))) {
      return { state: 'awake', socket: current.socket, stages: stages.all() }
    }
    if (!existsSync(places.release(spec.release))) {
      throw new AppError(
        'bad_request',
        `The release ${spec.release.slice(0, 12)}… is not unpacked on this machine.`,
      )
    }
    if (current) await bringDown(instance)
    const limits = declaredLimits(machine, ground.cgroups, spec.limits)
    await show(instance, 'starting', limits)
    crashPoint('start.published')
    const folder = places.instance(instance)
    const launched: LaunchedSandbox[] = []
    const drained: Promise<void>[] = []
    const logsFrom = logSizes(folder)
    try {
      const identity = await provision(spec, folder)
      stages.mark('provision')
      const [usedBytes] = await Promise.all([diskUsage(folder.root), reap(ground, instance, identity)])
      const over = overDiskLimit(usedBytes, spec.limits.diskMiB)
      if (over) throw tooFull(instance, over)
      await bringUp(ground, { name: instance, spec, folder, identity, stages, launched, drained })
      const record: Running = {
        instance,
        bootId: bootId(),
        fingerprint,
        socket: folder.socket,
        sandboxes: launched.map(({ role, monitor, init }) => ({ role, monitor, init })),
        diskMiB: spec.limits.diskMiB,
        limits,
      }
      await Promise.all([writeRunRecord(places, record), rememberStart(folder, spec)])
      crashPoint('start.recorded')
      running.set(instance, record)
      for (const one of launched) void one.ended.then((how) => fell(instance, record, one.role, how))
      await show(instance, 'awake', limits, { socket: folder.socket, processes: observedProcesses(record) })
      stages.mark('record')
      return { state: 'awake', socket: folder.socket, stages: stages.all() }
    } catch (error) {
      await takeDown(instance, launched)
      if (isAppError(error, 'unavailable')) {
        await show(instance, 'failed', limits, { reason: error.message })
        throw error
      }
      await Promise.race([Promise.all(drained), delay(drainedWithinMs, undefined, { ref: false })])
      const lines = await lastLines(folder, logsFrom)
      const why = error instanceof Error ? error.message : String(error)
      await show(instance, 'failed', limits, { reason: `It did not get healthy: ${why}` })
      throw new AppError('unavailable', `The instance did not get healthy: ${why}.`, {
        remedy: 'Its last lines are in the detail; mend the release or its environment, then start it again.',
        detail: { instance, lines },
        cause: error,
      })
    } finally {
      slots.refill()
    }
  }

  async function provision(spec: Spec, folder: InstanceFolder): Promise<Identity> {
    if (existsSync(folder.destroying)) await destroyNow(spec.instance)
    const identity =
      (await readIdentity(folder)) ??
      // In which region's stores it is stands there before it does.
      (await slots.take(folder, (slot) => rememberStart(slot, spec)))
    if (spec.database === 'postgres' && !existsSync(folder.pg)) await slots.addDatabase(folder, identity)
    plantName(folder, spec.instance, machine.root ? identity : undefined)
    return identity
  }

  /** Something of an awake instance ended by itself: the rest of it must not go on alone. */
  function fell(instance: string, record: Running, role: string, how: string): void {
    void inTurn(instance, async () => {
      if (running.get(instance) !== record) return
      logger.warn('an instance fell', { instance, role, how })
      const limits = record.limits as Limits
      await bringDown(instance)
      const who = role === 'app' ? 'its application' : 'its database'
      await show(instance, 'failed', limits, { reason: `${who} ${how}` })
    }).catch((error: unknown) => logger.error('could not clear up after an instance', { instance, error }))
  }

  async function bringDown(instance: string): Promise<void> {
    const record = running.get(instance)
    running.delete(instance)
    await takeDown(instance, record?.sandboxes ?? [])
  }

  /** Ends these sandboxes and whatever else of the instance lives: the application first, so that nobody writes. */
  async function takeDown(instance: string, sandboxes: SandboxRecord[]): Promise<void> {
    const app = sandboxes.find(({ role }) => role === 'app')
    if (app) await endSandbox(app, 'SIGTERM', graceMs)
    crashPoint('stop.app')
    const database = sandboxes.find(({ role }) => role === 'database')
    if (database) await endSandbox(database, 'SIGINT', databaseGraceMs, immediateShutdown)
    crashPoint('stop.database')
    await reap(ground, instance, await readIdentity(places.instance(instance)))
    await removeRunRecord(places, instance)
    await removeGroups(ground.cgroups, ground.world, instance)
    crashPoint('stop.recorded')
  }

  async function stop(instance: string, reason?: string): Promise<void> {
    const folder = places.instance(instance)
    if (!existsSync(folder.root)) return unpublish(places, instance)
    const limits = (running.get(instance)?.limits as Limits | undefined) ?? ground.baseLimits
    await bringDown(instance)
    await show(instance, reason ? 'failed' : 'asleep', limits, reason ? { reason } : {})
  }

  async function destroyNow(instance: string): Promise<void> {
    const folder = places.instance(instance)
    if (existsSync(folder.root)) {
      await writeFile(folder.destroying, '')
      crashPoint('destroy.marked')
      await bringDown(instance)
      crashPoint('destroy.stopped')
      const gone = join(places.trash, instance)
      await rm(gone, { recursive: true, force: true })
      await rename(folder.root, gone)
      crashPoint('destroy.renamed')
    }
    for (const role of ['app', 'database']) {
      await rm(places.statOf(instance, role), { force: true })
      await rm(places.lockOf(instance, role), { force: true })
    }
    await unpublish(places, instance)
    crashPoint('destroy.unpublished')
    await rm(join(places.trash, instance), { recursive: true, force: true })
  }

  return {
    running,
    start: (spec: Spec) => inTurn(spec.instance, () => start(spec)),
    stop: (instance: string, reason?: string) => inTurn(instance, () => stop(instance, reason)),
    destroy: (instance: string) => inTurn(instance, () => destroyNow(instance)),
    /** Takes an instance that already runs into care. */
    adopt(record: RunRecord): void {
      resumeOutputs(ground, record.instance, record.diskMiB)
      running.set(record.instance, record)
    },
    fell,
    show,
    async stopAll(): Promise<void> {
      const ids = [...running.keys()]
      const lanes = Array.from({ length: 8 }, async () => {
        for (let id = ids.pop(); id; id = ids.pop()) {
          const instance = id
          await inTurn(instance, () => stop(instance))
        }
      })
      await Promise.all(lanes)
      await Promise.all(turns.values())
    },
  }
}
export type Life = ReturnType<typeof createLife>

export function observedProcesses(record: RunRecord): Published['processes'] {
  return record.sandboxes.map(({ role, init }) => ({ role, ...init }))
}

function tooFull(instance: string, reason: string): AppError {
  return new AppError('unavailable', `It is ${reason}.`, {
    remedy: 'Raise the limit in its manifest, or take away what it need not keep.',
    detail: { instance },
  })
}

/** Equal for specs that say the same; keyed, since a plain hash would let its secrets be guessed. */
function fingerprintOf(key: Buffer, spec: Spec): string {
  const environment = Object.entries(spec.environment).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHmac('sha256', key)
    .update(JSON.stringify({ ...spec, environment }))
    .digest('hex')
}
