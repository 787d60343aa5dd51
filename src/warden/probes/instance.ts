import { existsSync } from 'node:fs'
import { AppError } from '../../kernel/errors.ts'
import { groupFiles } from '../cgroups.ts'
import { insideApp } from '../inside-app.ts'
import { insideDatabase } from '../postgres-conf.ts'
import { isAlive, type ProcessIdentity, processOf } from '../processes.ts'
import type { RunRecord } from '../run-record.ts'
import type { SandboxRecord } from '../sandbox.ts'
import { insideUid } from '../sandbox-plan.ts'
import { type Identity, readIdentity } from '../slots.ts'
import { asItWasMade } from './as-made.ts'
import { answersIn, attemptsIn, linesFor } from './attempts.ts'
import { startIdle } from './idle.ts'
import type { ProbeGround, ProbeKind } from './kind.ts'
import type { Planted } from './planted.ts'
import { runProbe } from './run-perl.ts'
import type { Tried } from './tried.ts'

/** What was found of one instance. `uid` is its user on this machine, its own where `hasOwnUser`. */
export type InstanceProbed = {
  was: 'asleep' | 'awake'
  uid: number
  hasOwnUser: boolean
  hasNetworkToPlant: boolean
  tries: Tried[]
}

const writable = {
  app: [insideApp.files, insideApp.sockets, '/tmp', '/dev/shm'],
  database: [insideDatabase.data, insideDatabase.sockets, '/tmp', '/dev/shm'],
} as const

/**
 * Attacks from inside an instance's sandboxes, with its own user, namespaces, groups and system call filter. An awake
 * instance's own sandboxes are entered, so that what was really made is what is probed; of a sleeping one they are made
 * from the plan of its start, with neither application nor database in them, and it stays asleep.
 */
export const instanceKind: ProbeKind<'instance'> = {
  limitMs: 20_000,
  async run(on, { instance }, signal) {
    const { ground, running } = on
    const folder = ground.places.instance(instance)
    const identity = await readIdentity(folder)
    if (!identity || existsSync(folder.destroying))
      throw new AppError('bad_request', 'No instance of that name is on this machine.')
    const around = await on.outside.planted()
    signal.throwIfAborted()
    const record = running.get(instance)
    const idle = record ? undefined : await startIdle(ground, instance, identity)
    try {
      const sandboxes = record?.sandboxes ?? idle?.sandboxes ?? []
      const tries = await Promise.all(
        sandboxes.map((one) => attack(on, { instance, identity, sandbox: one, planted: around }, signal)),
      )
      // Of a sandbox that ended meanwhile nothing was shown.
      if (!sandboxes.every(({ init }) => isAlive(init)))
        throw new AppError('unavailable', 'The instance ended while it was probed.')
      return {
        was: record ? 'awake' : 'asleep',
        uid: identity.uid,
        hasOwnUser: ground.machine.root,
        hasNetworkToPlant: around.hasNoWayOut,
        tries: [
          ...tries.flat(),
          ...(await asItWasMade(on, { instance, identity, sandboxes, planted: around })),
        ],
      } satisfies InstanceProbed
    } finally {
      await idle?.end()
    }
  },
}

type Attacked = { instance: string; identity: Identity; sandbox: SandboxRecord; planted: Planted }

async function attack(on: ProbeGround, at: Attacked, signal: AbortSignal): Promise<Tried[]> {
  const { ground, running } = on
  const { instance, identity, sandbox } = at
  const attempts = attemptsIn({
    places: ground.places,
    dataDir: ground.boot.dataDir,
    planted: at.planted,
    instance,
    own: writable[sandbox.role],
    others: othersThan(instance, running),
  })
  const groups = groupFiles(ground.cgroups, { world: ground.world, instance, role: sandbox.role })
  const [inside, control, powerful] = await Promise.all([
    runProbe(
      ['in', sandbox.init.pid, insideUid, ...groups],
      linesFor(attempts, 'args'),
      signal,
      ground.machine.seccompFile,
    ),
    runProbe(['as', identity.uid, identity.gid], linesFor(attempts, 'control'), signal),
    on.outside.power(attempts, signal),
  ])
  const [answers, controls] = [answersIn(inside), answersIn(control)]
  return attempts.map(({ name, as }, number): Tried => {
    const answer = answers.get(number)
    const controlled = as === 'user' ? controls.get(number) : powerful.get(name)
    return {
      from: sandbox.role === 'app' ? 'application' : 'database',
      name,
      reached: answer?.reached ?? null,
      controlReached: controlled?.reached ?? null,
      detail: answer?.reached
        ? answer.detail
        : controlled?.reached
          ? (answer?.detail ?? '')
          : (controlled?.detail ?? ''),
    }
  })
}

type Other = ProcessIdentity & { whose: string }

/** The plane's own processes nearest to it, and one other instance's. */
function othersThan(instance: string, running: ReadonlyMap<string, RunRecord>): Other[] {
  const named = (whose: string, pid: number): Other[] => {
    const found = processOf(pid)
    return found ? [{ whose, pid: found.pid, startTime: found.startTime }] : []
  }
  const neighbours = [...running.values()].filter((one) => one.instance !== instance)
  const neighbour = neighbours[Math.floor(Math.random() * neighbours.length)]
  return [
    ...named('the warden', process.pid),
    ...named('the supervisor', process.ppid),
    ...(neighbour?.sandboxes ?? []).map(({ role, init }) => ({
      ...init,
      whose: role === 'app' ? "another's application" : "another's database",
    })),
  ]
}
