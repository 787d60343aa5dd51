import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

export type Bubblewrap = { kind: 'bubblewrap'; path: string; version: string; disableUserns: boolean }
/** The degraded way, with util-linux alone; `mountPoint` is an empty folder on which each sandbox builds its root. */
export type Unshare = { kind: 'unshare'; path: string; setpriv: string; mountPoint: string }

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

/** Looks at the machine; `without` bubblewrap, as if it were not installed. */
export function inspectMachine(
  seccompFile: string | undefined,
  mountPoint: string,
  without: { bubblewrap?: boolean } = {},
): Machine {
  const setpriv = needed('setpriv', 'util-linux')
  const bubblewrap = without.bubblewrap ? undefined : inspectBubblewrap()
  return {
    root: process.getuid?.() === 0,
    sandbox: bubblewrap ?? { kind: 'unshare', path: needed('unshare', 'util-linux'), setpriv, mountPoint },
    flock: needed('flock', 'util-linux'),
    setpriv,
    prlimit: needed('prlimit', 'util-linux'),
    seccompFile: bubblewrap ? seccompFile : undefined,
  }
}

function inspectBubblewrap(): Bubblewrap | undefined {
  const path = programAt('bwrap')
  if (!path) return undefined
  const help = execFileSync(path, ['--help'], { encoding: 'utf8' })
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim()
  return { kind: 'bubblewrap', path, version, disableUserns: help.includes('--disable-userns') }
}
