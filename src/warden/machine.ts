import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/** What this machine offers for keeping instances apart, found once at the start. */
export type Machine = {
  /** Root gives every instance a uid of its own. */
  root: boolean
  bubblewrap: { path: string; version: string; disableUserns: boolean }
  flock: string
  setpriv: string
  prlimit: string
  /** The compiled filter; undefined when this processor has none. */
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

export function inspectMachine(seccompFile: string | undefined): Machine {
  const path = needed('bwrap', 'bubblewrap')
  const help = execFileSync(path, ['--help'], { encoding: 'utf8' })
  const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim()
  return {
    root: process.getuid?.() === 0,
    bubblewrap: { path, version, disableUserns: help.includes('--disable-userns') },
    flock: needed('flock', 'util-linux'),
    setpriv: needed('setpriv', 'util-linux'),
    prlimit: needed('prlimit', 'util-linux'),
    seccompFile,
  }
}
