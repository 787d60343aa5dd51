import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { bubblewrapArguments, descriptors } from './bubblewrap.ts'
import type { Machine } from './machine.ts'
import {
  childrenOf,
  isAlive,
  type ProcessIdentity,
  parseStat,
  processOf,
  signal,
  waitUntilGone,
} from './processes.ts'
import type { SandboxPlan } from './sandbox-plan.ts'
import { unshareCommand, unshareScript } from './unshare.ts'

/** A sandbox as it can be written down, and found again by a warden that was started later. */
export type SandboxRecord = {
  role: 'app' | 'database'
  /** bubblewrap outside. */
  monitor: ProcessIdentity
  /** Pid 1 inside: the sandbox lives as long as it does. */
  init: ProcessIdentity
}

export type LaunchedSandbox = SandboxRecord & {
  /** Lets a gated command run. */
  release(): void
  /** Resolves with how the command ended. */
  ended: Promise<string>
}

export type Launch = {
  plan: SandboxPlan
  machine: Machine
  owner: { uid: number; gid: number }
  stdout: number
  stderr: number
  /** Of a gated command, which takes these in the place of the others when it is let go, and has no input. */
  program?: { stdout: number; stderr: number }
  /** Text for the command's standard input; otherwise it reads /dev/null. */
  input?: string
  statFile: string
  lockFile: string
  /** cgroup.procs files to enter. */
  cgroups: string[]
  limits: { fileSizeMiB: number; processes?: number }
  /** `NAME=value` by which all its processes are found when nothing else is known. */
  marker: string
}

export class SandboxBusy extends Error {}

// What is open beyond what the sandbox is given was handed down from somewhere, and would be a way out of it. This shell
// can name descriptors of one digit only: where there are others, bash closes them first, and without it nothing runs.
const closing = `set -eu
for fd in /proc/$$/fd/??*; do
  [ -h "$fd" ] || continue
  exec bash -c 'for fd in /proc/$$/fd/??*; do eval "exec \${fd##*/}<&-"; done; exec /bin/sh -c "$@"' bash "$@"
done
launcher=$1; shift 2
eval "$launcher"`

// The shell writes down who it is before it becomes the sandbox, so that there is no moment in which a sandbox runs
// that nobody has on record; the lock is taken before that, so that a loser does not overwrite the winner's record.
const launcher = `set -eu
umask 077
unused=$1 stat=$2 lock=$3 flock=$4; shift 4
for fd in $unused; do eval "exec $fd<&-"; done
: >> "$lock"
exec ${descriptors.lock}< "$lock"
"$flock" -n ${descriptors.lock} || exit 75
read -r line < "/proc/$$/stat"
printf '%s\\n' "$line" > "$stat"
echo 500 > /proc/self/oom_score_adj
while [ "$1" != -- ]; do echo $$ > "$1"; shift; done
shift
umask 007
exec "$@"`

/**
 * Starts a sandbox and resolves when it has its processes (a gated command has not run yet then). It outlives the
 * warden. Throws SandboxBusy when one with the same lock still lives.
 */
export async function launchSandbox(launch: Launch): Promise<LaunchedSandbox> {
  const { machine, plan } = launch
  await rm(launch.statFile, { force: true })
  const enclosure = encloseWith(machine, plan)
  const limited = [
    machine.prlimit,
    '--core=0',
    '--nofile=8192',
    `--fsize=${launch.limits.fileSizeMiB * 1024 * 1024}`,
    ...(launch.limits.processes === undefined ? [] : [`--nproc=${launch.limits.processes}`]),
  ]
  const seccomp = machine.seccompFile === undefined ? 'ignore' : openSync(machine.seccompFile, 'r')
  const stdio = [
    launch.program?.stderr ?? (launch.input === undefined ? 'ignore' : 'pipe'),
    launch.stdout,
    launch.stderr,
    'pipe',
    enclosure.reportsInit ? 'pipe' : 'ignore',
    seccomp,
    plan.gated ? 'pipe' : 'ignore',
    launch.program?.stdout ?? 'ignore',
  ] satisfies StdioOptions
  const unused = [3, 4, 5, 6, 7, 8, 9].filter((number) => (stdio[number] ?? 'ignore') === 'ignore')
  let child: ChildProcess
  try {
    child = spawn(
      '/bin/sh',
      [
        '-c',
        closing,
        'borgen-sandbox',
        launcher,
        'borgen-sandbox',
        unused.join(' '),
        launch.statFile,
        launch.lockFile,
        machine.flock,
        ...launch.cgroups,
        '--',
        ...limited,
        ...droppedTo(machine, launch.owner),
        ...enclosure.command,
      ],
      {
        cwd: '/',
        detached: true,
        // Nothing of the instance's own environment: a shell and tools run in this one as root.
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...pair(launch.marker) },
        stdio,
      },
    )
  } finally {
    if (typeof seccomp === 'number') closeSync(seccomp)
  }
  const ended = endOf(child)
  feed(child.stdin, launch.input ?? '')
  feed(child.stdio[descriptors.arguments], enclosure.fed)
  const goAhead = (child.stdio as unknown[])[descriptors.gate] as Writable | null
  goAhead?.on('error', () => {})
  try {
    const init = await (enclosure.reportsInit ? reportedInit(child, ended) : forkedInit(child, ended))
    const monitor = await monitorOf(launch.statFile, child)
    return {
      role: plan.role,
      monitor,
      init,
      ended: ended.then(({ how }) => how),
      release: () => goAhead?.end('go\n'),
    }
  } catch (error) {
    goAhead?.destroy()
    throw error
  }
}

type Enclosure = {
  command: string[]
  /** What it reads from the arguments' descriptor. */
  fed: string
  reportsInit: boolean
}

function encloseWith(machine: Machine, plan: SandboxPlan): Enclosure {
  const { sandbox } = machine
  if (sandbox.kind === 'unshare') {
    return { command: unshareCommand(sandbox.path), fed: unshareScript(plan, sandbox), reportsInit: false }
  }
  const offered = { seccomp: machine.seccompFile !== undefined, disableUserns: sandbox.disableUserns }
  const { options, command } = bubblewrapArguments(plan, offered)
  return {
    command: [sandbox.path, '--args', String(descriptors.arguments), '--', ...command],
    fed: options.map((option) => `${option}\0`).join(''),
    reportsInit: true,
  }
}

function droppedTo(machine: Machine, owner: { uid: number; gid: number }): string[] {
  const always = ['--no-new-privs', '--inh-caps=-all']
  if (!machine.root) return [machine.setpriv, ...always]
  return [
    machine.setpriv,
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    '--bounding-set=-all',
    ...always,
  ]
}

function pair(marker: string): Record<string, string> {
  const at = marker.indexOf('=')
  return { [marker.slice(0, at)]: marker.slice(at + 1) }
}

function feed(stream: unknown, content: string): void {
  const writable = stream as Writable | null | undefined
  // It may have ended before it read; how it ended says why.
  writable?.on('error', () => {})
  writable?.end(content)
}

type End = { code: number | null; how: string }

function endOf(child: ChildProcess): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>()
  child.once('error', (error) => resolve({ code: null, how: `could not be started: ${error.message}` }))
  child.once('exit', (code, killedBy) =>
    resolve({ code, how: killedBy ? `was killed by ${killedBy}` : `ended with exit code ${code}` }),
  )
  return promise
}

/** Pid 1 inside, as bubblewrap tells it. */
async function reportedInit(child: ChildProcess, ended: Promise<End>): Promise<ProcessIdentity> {
  const status = child.stdio[descriptors.status] as Readable
  const { promise, resolve, reject } = Promise.withResolvers<ProcessIdentity>()
  let said = ''
  status.setEncoding('utf8').on('data', (text: string) => {
    said += text
    const pid = Number(/"child-pid":\s*(\d+)/.exec(said)?.[1])
    const init = pid ? processOf(pid) : undefined
    if (init) resolve({ pid: init.pid, startTime: init.startTime })
  })
  status.on('error', () => {})
  void ended.then(({ code, how }) =>
    reject(code === 75 ? new SandboxBusy('the sandbox runs already') : new Error(`the sandbox ${how}`)),
  )
  return promise
}

/** Pid 1 inside, as the child that `unshare` forked; it has written its record before. */
async function forkedInit(child: ChildProcess, ended: Promise<End>): Promise<ProcessIdentity> {
  let end: End | undefined
  void ended.then((seen) => {
    end = seen
  })
  for (;;) {
    if (end?.code === 75) throw new SandboxBusy('the sandbox runs already')
    if (end) throw new Error(`the sandbox ${end.how}`)
    const init =
      child.pid === undefined ? undefined : childrenOf(child.pid).find(({ pid }) => isInitOfItsOwn(pid))
    if (init) return { pid: init.pid, startTime: init.startTime }
    await delay(1)
  }
}

// The launcher has other children too, before it becomes `unshare`.
function isInitOfItsOwn(pid: number): boolean {
  try {
    return /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function monitorOf(statFile: string, child: ChildProcess): Promise<ProcessIdentity> {
  const stat = parseStat(await readFile(statFile, 'utf8'))
  if (!stat) throw new Error(`the sandbox of pid ${child.pid} left no record`)
  return { pid: stat.pid, startTime: stat.startTime }
}

/** The program itself, as the host sees it; undefined when it has ended. */
export function programOf(sandbox: SandboxRecord): ProcessIdentity | undefined {
  return isAlive(sandbox.init) ? childrenOf(sandbox.init.pid)[0] : undefined
}

/**
 * Ends a sandbox: asks its program with `signalName`, more firmly with `firmly` when it has not heeded that after so long,
 * and kills everything in it when it has not ended after `graceMs`. Resolves when no process of it is left.
 */
export async function endSandbox(
  sandbox: SandboxRecord,
  signalName: NodeJS.Signals,
  graceMs: number,
  firmly?: { signalName: NodeJS.Signals; afterMs: number },
): Promise<void> {
  const program = programOf(sandbox)
  if (program && graceMs > 0) {
    signal(program, signalName)
    const firstMs = Math.min(firmly?.afterMs ?? graceMs, graceMs)
    const left = await waitUntilGone([program], firstMs)
    if (firmly && left.length > 0) {
      signal(program, firmly.signalName)
      await waitUntilGone([program], graceMs - firstMs)
    }
  }
  // Whatever it left behind dies with pid 1, since the kernel ends a pid namespace with its init.
  signal(sandbox.init, 'SIGKILL')
  const left = await waitUntilGone([sandbox.init, sandbox.monitor], 10_000)
  if (left.length > 0) throw new Error(`process ${left.map(({ pid }) => pid).join(', ')} survives SIGKILL`)
}
