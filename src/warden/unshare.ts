import { descriptors, gatedCommand } from './bubblewrap.ts'
import type { Unshare } from './machine.ts'
import { insideUid, type Mount, type SandboxPlan } from './sandbox-plan.ts'
import { systemMounts } from './system-mounts.ts'

/**
 * The sandbox without bubblewrap: the same namespaces, mounts and user, made by util-linux, and the same system call
 * filter, loaded by perl. A database's sandbox sees the system's programs as an application's does, since its own tools
 * come from there; where the kernel has Landlock, it cannot run them.
 */
export function unshareCommand(path: string): string[] {
  return [
    path,
    '--user',
    `--map-user=${insideUid}`,
    `--map-group=${insideUid}`,
    // For the script that builds the root; given up before anything else runs.
    '--keep-caps',
    '--mount',
    '--propagation=private',
    '--ipc',
    '--pid',
    '--net',
    '--uts',
    '--cgroup',
    '--fork',
    '--',
    '/bin/sh',
    '-c',
    `eval "$(cat <&${descriptors.arguments})"`,
  ]
}

/** Under these names the environment waits until the program is about to start. */
const handedOver = 'BORGEN_HANDED_OVER_'

// One function, called on the last line: of a script that was cut off nothing runs.
const frame = (lines: string[]) => `build() {\nset -eu\numask 022\n${lines.join('\n')}\n}\nbuild\n`

const tools = `
folder() { [ -d "$R$1" ] || mkdir -p "$R$1"; }
place() { if [ -d "$1" ]; then folder "$2"; else folder "\${2%/*}"; [ -e "$R$2" ] || : > "$R$2"; fi; mount --rbind "$1" "$R$2"; }
memory() { folder "$1"; mount -t tmpfs -o "mode=1777,nosuid,nodev,size=$2" tmpfs "$R$1"; }
devices() {
  folder "$1"; mount -t tmpfs -o mode=755,nosuid,size=64k tmpfs "$R$1"
  for name in null zero full random urandom tty; do : > "$R$1/$name"; mount --bind "/dev/$name" "$R$1/$name"; done
  mkdir "$R$1/pts"; mount -t devpts -o newinstance,ptmxmode=0666,mode=620,nosuid,noexec devpts "$R$1/pts"
  for pair in ptmx:pts/ptmx fd:/proc/self/fd stdin:/proc/self/fd/0 stdout:/proc/self/fd/1 stderr:/proc/self/fd/2; do
    ln -s "\${pair#*:}" "$R$1/\${pair%%:*}"
  done
  memory "$1/shm" 16m; mount -o remount,bind,ro,nosuid,nodev "$R$1"
}
processes() {
  folder "$1"; mount -t proc -o nosuid,nodev,noexec proc "$R$1"
  for name in sys sysrq-trigger irq bus fs; do
    [ ! -e "$R$1/$name" ] || { mount --bind "$R$1/$name" "$R$1/$name"; mount -o remount,bind,ro,nosuid,nodev,noexec "$R$1/$name"; }
  done
}
# Gives every mount placed here, with all that is mounted below it, the flags of its kind. What the host gave it stays:
# the kernel lets nobody take that away in a user namespace.
confine() {
  set -f; IFS='
'
  for line in $(cat /proc/self/mountinfo); do
    IFS=' '; set -- $line
    case "$5" in "$E"/*) at=\${5#"$E"} ;; *) continue ;; esac
    case "$at" in *\\\\*) at=$(printf '%b.' "$at"); at=\${at%.} ;; esac
    flags_of "$at"
    # Another mount may hide it.
    [ -n "$flags" ] && [ -e "$R$at" ] || continue
    case ",$6," in *,noexec,*) flags=$flags,noexec ;; esac
    case ",$6," in *,ro,*) flags=$flags,ro ;; esac
    mount -o "remount,bind,nosuid,nodev,$flags" "$R$at"
  done
  unset IFS; set +f
}
loopback() {
  if command -v ip > /dev/null; then ip link set lo up; else
    perl -MSocket -e 'socket(my $s, AF_INET, SOCK_DGRAM, 0); ioctl($s, 0x8914, pack("a16 s x14", "lo", 0x41)) or die $!'
  fi
}`

// Pid 1: hands signals on, reaps whatever loses its parent, ends with the program and so ends all of it.
function initScript(plan: SandboxPlan): string {
  const close = plan.lockHolder === 'init' ? `${descriptors.lock}<&- ` : ''
  // Only now: to the programs that still had powers, or loaded the filter, LD_PRELOAD and the like would be orders.
  const environment = Object.keys(plan.environment)
    .map((name, index) => `export ${name}="$${handedOver}${index}"; unset ${handedOver}${index}\n`)
    .join('')
  // A shell gives what runs in its background /dev/null to read, unless it is another descriptor.
  return `${environment}exec 8<&0
"$@" ${close}<&8 8<&- & child=$!
exec 8<&- ${descriptors.gate}<&-
trap 'kill -TERM "$child"' TERM
trap 'kill -INT "$child"' INT
while :; do wait "$child" && status=0 || status=$?; kill -0 "$child" 2> /dev/null || exit "$status"; done`
}

/** What builds the sandbox's root, drops every power and becomes its pid 1; it holds the environment's secrets. */
export function unshareScript(
  plan: SandboxPlan,
  unshare: Pick<Unshare, 'mountPoint' | 'setpriv' | 'filterLoader' | 'onlyRun'>,
): string {
  const mounts = withSystem(plan.mounts)
  const { filterLoader } = unshare
  return frame([
    `exec ${descriptors.arguments}<&- ${descriptors.status}<&-`,
    `R=${quote(unshare.mountPoint)}`,
    `E=${quote(asInMountinfo(unshare.mountPoint))}`,
    tools,
    flagsOf(mounts),
    'mount -t tmpfs -o mode=755,nosuid,nodev,size=1m tmpfs "$R"',
    ...mounts.map(mountLine),
    'confine',
    `hostname ${quote(plan.hostname)} || :`,
    'loopback || echo "the loopback of this sandbox stays down: install iproute2 or perl" >&2',
    'echo 0 > /proc/sys/user/max_user_namespaces || :',
    'folder /.old',
    'mount -o remount,bind,ro,nosuid,nodev "$R"',
    'cd "$R"',
    'pivot_root . .old',
    'cd /',
    'umount -n -l /.old',
    `cd ${quote(plan.workingDir)}`,
    'unset R E',
    ...Object.values(plan.environment).map((value, index) => `export ${handedOver}${index}=${quote(value)}`),
    ...(filterLoader ? [] : [`exec ${descriptors.seccomp}<&-`]),
    // What it makes, its socket first of all, is for the group that its folder has.
    'umask 007',
    [
      'exec',
      quote(unshare.setpriv),
      '--no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all',
      ...(filterLoader ? filterLoader.map(quote) : []),
      '/bin/sh -c',
      quote(initScript(plan)),
      'init',
      ...confinedTo(plan, unshare.onlyRun).map(quote),
      ...gatedCommand(plan).map(quote),
    ].join(' '),
  ])
}

/** What a plan without the system's programs may run is what it names, as if nothing else were there. */
function confinedTo(plan: SandboxPlan, onlyRun: string[] | undefined): string[] {
  if (!onlyRun || showsSystem(plan.mounts)) return []
  const named = plan.mounts.filter(({ kind }) => kind === 'read-only').map(({ to }) => to)
  return [...onlyRun, ...named, '--']
}

const showsSystem = (mounts: Mount[]) => mounts.some(({ to }) => to === '/usr')

function withSystem(mounts: Mount[]): Mount[] {
  if (showsSystem(mounts)) return mounts
  const own = mounts.filter(({ to }) => !/^\/(usr|lib|lib64|bin|sbin)\//.test(to))
  // umount looks into /proc.
  return [...systemMounts(), { kind: 'proc', to: '/proc' }, ...own]
}

/** Says with which flags a path inside is mounted: those of the innermost mount of ours around it. */
function flagsOf(mounts: Mount[]): string {
  const flags: Record<string, string> = { 'read-only': 'ro', writable: 'rw' }
  const cases = mounts
    .toSorted((a, b) => b.to.length - a.to.length)
    .map(({ kind, to }) => `${quote(to)} | ${quote(to)}/*) flags=${flags[kind] ?? ''} ;;`)
  return ['flags_of() {', 'case "$1" in', ...cases, '*) flags= ;;', 'esac', '}'].join('\n')
}

function asInMountinfo(path: string): string {
  return path.replaceAll(/[ \t\n\\]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

function mountLine(mount: Mount): string {
  switch (mount.kind) {
    case 'read-only':
    case 'writable':
      return `place ${quote(mount.from)} ${quote(mount.to)}`
    case 'memory':
      return `memory ${quote(mount.to)} ${mount.sizeMiB}m`
    case 'link':
      return `ln -s ${quote(mount.target)} "$R"${quote(mount.to)}`
    case 'proc':
      return `processes ${quote(mount.to)}`
    case 'dev':
      return `devices ${quote(mount.to)}`
  }
}

/** One word of a shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
