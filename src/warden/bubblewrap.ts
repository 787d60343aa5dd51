import { insideUid, type Mount, type SandboxPlan } from './sandbox-plan.ts'

/** Descriptors that a sandbox is started with, beside the standard three. */
export const descriptors = { arguments: 3, status: 4, seccomp: 5, gate: 6, output: 7, lock: 9 } as const

// Without the word to go (an end of file means that the warden died), the program never starts. Until then, and in the
// processes around it for good, its outputs are open both ways, so that no write of it fails for want of a reader; the
// program gets their writing ends, the second in the place of an input.
const gate =
  `read -r go <&${descriptors.gate} && [ "$go" = go ] || exit 70; ` +
  `exec ${descriptors.gate}<&- 1>&${descriptors.output} 2>&0 ${descriptors.output}>&- < /dev/null; exec "$@"`

/**
 * The sandbox as bubblewrap's options, which it reads from a descriptor: host paths and the environment then stand in
 * no argument list. `command` is what remains for the argument list.
 */
export function bubblewrapArguments(
  plan: SandboxPlan,
  offered: { seccomp: boolean; disableUserns: boolean },
): { options: string[]; command: string[] } {
  const options = [
    '--unshare-user',
    '--unshare-ipc',
    '--unshare-pid',
    '--unshare-net',
    '--unshare-uts',
    '--unshare-cgroup-try',
    ...(offered.disableUserns ? ['--disable-userns'] : []),
    '--uid',
    String(insideUid),
    '--gid',
    String(insideUid),
    '--hostname',
    plan.hostname,
    '--new-session',
    '--cap-drop',
    'ALL',
    '--json-status-fd',
    String(descriptors.status),
    ...(offered.seccomp ? ['--seccomp', String(descriptors.seccomp)] : []),
    ...(plan.lockHolder === 'init' ? ['--sync-fd', String(descriptors.lock)] : []),
    ...plan.mounts.flatMap(mountOptions),
    // The root itself is a tmpfs without a size.
    '--remount-ro',
    '/',
    '--chdir',
    plan.workingDir,
    '--clearenv',
    ...Object.entries(plan.environment).flatMap(([name, value]) => ['--setenv', name, value]),
  ]
  return { options, command: gatedCommand(plan) }
}

/** The command behind its gate, when it has one. */
export function gatedCommand(plan: SandboxPlan): string[] {
  return plan.gated ? ['/bin/sh', '-c', gate, 'sh', ...plan.command] : plan.command
}

function mountOptions(mount: Mount): string[] {
  switch (mount.kind) {
    case 'read-only':
      return ['--ro-bind', mount.from, mount.to]
    case 'writable':
      return ['--bind', mount.from, mount.to]
    case 'memory':
      return ['--perms', '1777', '--size', String(mount.sizeMiB * 1024 * 1024), '--tmpfs', mount.to]
    case 'link':
      return ['--symlink', mount.target, mount.to]
    case 'proc':
      return ['--proc', mount.to]
    case 'dev':
      return ['--dev', mount.to, '--size', '16777216', '--tmpfs', `${mount.to}/shm`, '--remount-ro', mount.to]
  }
}
