import type { Clock } from '../../../kernel/clock.ts'
import { AppError } from '../../../kernel/errors.ts'
import {
  type InstanceDriver,
  type InstanceReader,
  type InstanceSpec,
  type InstanceWriter,
  type Limit,
  type LimitName,
  limitNames,
  type ObservedInstance,
  type ObservedProcess,
} from '../contract/instance.ts'

export type SimulatedCall = {
  operation: 'start' | 'stop' | 'destroy' | 'list' | 'observe'
  instance: string | undefined
  /** 1 for the first call of all, whatever it was. */
  nth: number
  atMs: number
}

export type SimulatedFaults = {
  /** Thrown before the call has had any effect. */
  before?(call: SimulatedCall): Error | undefined
  /** Thrown after it had its whole effect, as when the answer is lost. */
  after?(call: SimulatedCall): Error | undefined
  /** The last line of an application that will not get healthy; undefined for one that will. */
  sick?(spec: InstanceSpec): string | undefined
}

/** One simulated instance; `data` is what its database and files hold, and outlives sleep. */
export type SimulatedInstance = {
  spec: InstanceSpec
  state: 'asleep' | 'awake' | 'failed'
  processes: ObservedProcess[]
  data: string[]
  changedAtMs: number
  reason?: string
}

export type SimulatedInstances = InstanceDriver & {
  /** The world itself, for a test to look at and to disturb. */
  instances: Map<string, SimulatedInstance>
  calls: SimulatedCall[]
  faults: SimulatedFaults
  /** What its machine gives from now on. */
  limits: Record<LimitName, Limit>
  /** Ends its processes as a crash would, or as a watch that says why: the next observation shows it failed. */
  crash(instance: string, reason?: string): void
}

const enforced: Limit = { state: 'enforced', reason: 'simulated' }
const allEnforced = Object.fromEntries(limitNames.map((name) => [name, enforced])) as Record<LimitName, Limit>

/**
 * A twin of the real drivers in memory, for tests of thousands of instances: keeps the same contract, takes the time
 * from `clock`, and fails where `faults` says.
 */
export function createSimulatedInstances(clock: Clock, faults: SimulatedFaults = {}): SimulatedInstances {
  const instances = new Map<string, SimulatedInstance>()
  const calls: SimulatedCall[] = []
  const world = { instances, calls, faults, limits: allEnforced, crash }
  let nextPid = 1000

  async function call<T>(
    operation: SimulatedCall['operation'],
    instance: string | undefined,
    effect: () => T,
  ): Promise<T> {
    const made: SimulatedCall = { operation, instance, nth: calls.length + 1, atMs: clock.now() }
    calls.push(made)
    const early = world.faults.before?.(made)
    if (early) throw early
    const result = effect()
    const late = world.faults.after?.(made)
    if (late) throw late
    return result
  }

  function crash(instance: string, reason = 'its processes are gone'): void {
    const one = instances.get(instance)
    if (one?.state !== 'awake') return
    Object.assign(one, {
      state: 'failed',
      processes: [],
      changedAtMs: clock.now(),
      reason,
    })
  }

  function start(spec: InstanceSpec): void {
    const current = instances.get(spec.instance)
    if (current?.state === 'awake' && JSON.stringify(current.spec) === JSON.stringify(spec)) return
    const common = { spec, data: current?.data ?? [], changedAtMs: clock.now() }
    const line = world.faults.sick?.(spec)
    if (line !== undefined) {
      instances.set(spec.instance, { ...common, state: 'failed', processes: [], reason: line })
      throw new AppError('unavailable', 'The instance did not get healthy.', {
        detail: { instance: spec.instance, lines: [line] },
      })
    }
    const roles = spec.database === 'none' ? (['app'] as const) : (['app', 'database'] as const)
    const processes = roles.map((role) => ({ role, pid: nextPid++, startTime: clock.now() }))
    instances.set(spec.instance, { ...common, state: 'awake', processes })
  }

  function stop(instance: string): void {
    const one = instances.get(instance)
    if (!one) return
    const { reason: _, ...rest } = one
    instances.set(instance, { ...rest, state: 'asleep', processes: [], changedAtMs: clock.now() })
  }

  const writer: InstanceWriter = {
    start: (spec) =>
      call('start', spec.instance, () => {
        start(spec)
        return { state: 'awake', socket: socketOf(spec.instance), stages: { total: 0 } }
      }),
    stop: (instance) => call('stop', instance, () => stop(instance)),
    destroy: (instance) =>
      call('destroy', instance, () => {
        instances.delete(instance)
      }),
  }
  const reader: InstanceReader = {
    list: () =>
      call('list', undefined, () =>
        [...instances.values()]
          .map((one) => observed(one, world.limits))
          .sort((a, b) => (a.instance < b.instance ? -1 : 1)),
      ),
    observe: (instance) =>
      call('observe', instance, () => {
        const one = instances.get(instance)
        return one && observed(one, world.limits)
      }),
  }
  return Object.assign(world, { writer, reader })
}

function observed(one: SimulatedInstance, limits: Record<LimitName, Limit>): ObservedInstance {
  return {
    instance: one.spec.instance,
    state: one.state,
    processes: structuredClone(one.processes),
    limits,
    ...(one.state === 'awake' ? { socket: socketOf(one.spec.instance) } : {}),
    ...(one.reason === undefined ? {} : { reason: one.reason }),
  }
}

function socketOf(instance: string): string {
  return `/simulated/${instance}/app.sock`
}
