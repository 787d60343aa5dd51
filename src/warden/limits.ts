import type { CgroupLimits, Cgroups } from './cgroups.ts'
import type { Machine } from './machine.ts'
import type { Limit, Limits } from './published.ts'
import type { Spec } from './requests.ts'
import { architectureHere } from './seccomp.ts'

const databaseProcesses = 64
/** The database's part of the instance's memory, so that a hungry application cannot take the database with it. */
const databaseShare = 0.25
const databaseLeastMiB = 48

/** Divides an instance's limits between its two sandboxes. */
export function divide(
  limits: Spec['limits'],
  database: Spec['database'],
): Record<'app' | 'database', CgroupLimits> {
  const databaseMiB =
    database === 'none' ? 0 : Math.max(databaseLeastMiB, Math.floor(limits.memoryMiB * databaseShare))
  return {
    app: {
      memoryMiB: Math.max(32, limits.memoryMiB - databaseMiB),
      cpus: limits.cpus,
      processes: limits.processes,
    },
    database: { memoryMiB: databaseMiB, cpus: limits.cpus, processes: databaseProcesses },
  }
}

/** What holds an instance in on this machine, and what does not, with the reason. */
export function declaredLimits(machine: Machine, cgroups: Cgroups, limits: Spec['limits']): Limits {
  const group = (name: keyof Cgroups, text: string): Limit => {
    const mount = cgroups[name]
    return mount
      ? { state: 'enforced', reason: `cgroup v${mount.version}: ${text}` }
      : { state: 'absent', reason: `this machine has no writable cgroup with the ${name} controller` }
  }
  return {
    memory: group('memory', `${limits.memoryMiB} MiB, application and database together`),
    cpu: group('cpu', `${limits.cpus} of the machine's processors, application and database together`),
    processes: group('pids', `${limits.processes} in the application, ${databaseProcesses} in the database`),
    disk: {
      state: 'watched',
      reason:
        `measured before each start and while awake; over ${limits.diskMiB} MiB it is stopped and not started. ` +
        'What is written between two looks can exceed it (a third of a second; half a minute where others free as much)',
    },
    seccomp: machine.seccompFile
      ? { state: 'enforced', reason: `system call filter on both sandboxes${programs(machine)}` }
      : { state: 'absent', reason: noFilter() },
    uid: machine.root
      ? { state: 'enforced', reason: 'a user id of its own' }
      : { state: 'absent', reason: 'started by an ordinary user, so every instance has that user id' },
    network: machine.seccompFile
      ? { state: 'enforced', reason: 'a network namespace of its own with nothing but its loopback' }
      : {
          state: 'absent',
          reason:
            'a network namespace of its own with nothing but its loopback, which does not hold vsock (a virtual ' +
            `machine's line to its host), and ${noFilter()}`,
        },
  }
}

function programs({ sandbox }: Machine): string {
  const seen = sandbox.kind === 'unshare' && !sandbox.onlyRun
  return seen ? "; without bubblewrap or Landlock a database can run the system's programs in its own" : ''
}

function noFilter(): string {
  return architectureHere()
    ? 'nothing here can load a system call filter: install bubblewrap, or perl'
    : `no system call filter is written for ${process.arch}`
}
