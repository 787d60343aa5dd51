import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { descriptors } from './bubblewrap.ts'
import { architectureHere } from './seccomp.ts'
import { loaderNumbers } from './syscalls.ts'

export type Bubblewrap = { kind: 'bubblewrap'; path: string; version: string; disableUserns: boolean }
/** The degraded way, with util-linux alone; `mountPoint` is an empty folder on which each sandbox builds its root. */
export type Unshare = {
  kind: 'unshare'
  path: string
  setpriv: string
  mountPoint: string
  /** What loads the system call filter and becomes the command after it; undefined when nothing here can. */
  filterLoader: string[] | undefined
  /** What lets only these paths (after it, up to `--`) be executed, and becomes the command; undefined when nothing can. */
  onlyRun: string[] | undefined
}

/** As if this machine did not have these programs. */
export type Without = { bubblewrap?: boolean; perl?: boolean }

/** What this machine offers for keeping instances apart, found once at the start. */
export type Machine = {
  /** Root gives every instance a uid of its own. */
  root: boolean
  sandbox: Bubblewrap | Unshare
  flock: string
  setpriv: string
  prlimit: string
  /** The compiled filter; undefined when none can be loaded. */
  seccompFile: string | undefined
}

const searched = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin']

/** Absolute path of a program; never searched in a PATH from outside, since root runs it. */
export function programAt(name: string): string | undefined {
  return searched.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function needed(name: string, debianPackage: string): string {
  const path = programAt(name)
  if (!path) throw new Error(`${name} is missing: install the package ${debianPackage}.`)
  return path
}

/** Looks at the machine. `places` are an empty folder and the folder of what the warden brings along. */
export function inspectMachine(
  seccompFile: string | undefined,
  places: { mountPoint: string; inside: string },
  without: Without = {},
): Machine {
  const setpriv = needed('setpriv', 'util-linux')
  const bubblewrap = without.bubblewrap ? undefined : inspectBubblewrap()
  const filterLoader =
    bubblewrap || without.perl || !seccompFile ? undefined : inspectFilterLoader(seccompFile, places.inside)
  return {
    root: process.getuid?.() === 0,
    sandbox: bubblewrap ?? {
      kind: 'unshare',
      path: needed('unshare', 'util-linux'),
      setpriv,
      mountPoint: places.mountPoint,
      filterLoader,
      onlyRun: filterLoader && inspectOnlyRun(places.inside),
    },
    flock: needed('flock', 'util-linux'),
    setpriv,
    prlimit: needed('prlimit', 'util-linux'),
    seccompFile: bubblewrap || filterLoader ? seccompFile : undefined,
  }
}

/** Perl as the filter's loader, after it has loaded the filter once; undefined when it cannot. */
function inspectFilterLoader(seccompFile: string, inside: string): string[] | undefined {
  const architecture = architectureHere()
  const perl = perlInSandboxes()
  if (!perl || !architecture) return undefined
  const program = readFileSync(join(inside, 'load-filter.pl'), 'utf8')
  const { prctl, seccomp } = loaderNumbers[architecture]
  const loader = [perl, '-e', program, '--', String(prctl), String(seccomp), String(descriptors.seccomp)]
  const filter = openSync(seccompFile, 'r')
  try {
    const [command, ...args] = [...loader, '/bin/cat', '/proc/self/status']
    const tried = spawnSync(command ?? perl, args, {
      encoding: 'utf8',
      env: {},
      stdio: ['ignore', 'pipe', 'ignore', 'ignore', 'ignore', filter],
    })
    return tried.status === 0 && /^Seccomp:\t2$/m.test(tried.stdout) ? loader : undefined
  } finally {
    closeSync(filter)
  }
}

/** Perl keeping itself from running anything, once; undefined when the kernel or perl lacks what that takes. */
function inspectOnlyRun(inside: string): string[] | undefined {
  const perl = perlInSandboxes()
  if (!perl) return undefined
  const onlyRun = [perl, '-e', readFileSync(join(inside, 'only-run.pl'), 'utf8'), '--']
  const tried = spawnSync(
    needed('setpriv', 'util-linux'),
    ['--no-new-privs', ...onlyRun, inside, '--', '/bin/true'],
    { env: {}, stdio: 'ignore' },
  )
  const allowed = spawnSync(
    needed('setpriv', 'util-linux'),
    ['--no-new-privs', ...onlyRun, '/', '--', '/bin/true'],
    { env: {}, stdio: 'ignore' },
  )
  return tried.status !== 0 && allowed.status === 0 ? onlyRun : undefined
}

// Only what lies in /usr is there in a sandbox.
const perlInSandboxes = () => ['/usr/bin/perl', '/usr/local/bin/perl'].find(isExecutable)

function inspectBubblewrap(): Bubblewrap | undefined {
  const path = programAt('bwrap')
  if (!path) return undefined
  const help = execFileSync(path, ['--help'], { encoding: 'utf8' })
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim()
  return { kind: 'bubblewrap', path, version, disableUserns: help.includes('--disable-userns') }
}
