import { spawnSync } from 'node:child_process'
import { accessSync, closeSync, constants, openSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What became of the search for bubblewrap; `lines` are for the terminal. */
export type SandboxProgram = { found: boolean; installed: boolean; lines: string[] }

/**
 * Sees to it that bubblewrap is there: found, or (as root, with apt, unless told not to) installed from Debian's
 * package with `say` told first. Never fails: without it instances run in a sandbox made of `unshare`, declared as such.
 */
export function ensureBubblewrap(given: {
  mayInstall: boolean
  logFile: string
  say: (line: string) => void
}): SandboxProgram {
  if (onPath('bwrap')) return { found: true, installed: false, lines: [] }
  const weaker = 'Instances run in a sandbox of unshare; `borgen instance show` says what it does not hold.'
  const command = 'apt-get install bubblewrap'
  if (process.getuid?.() !== 0)
    return missing(
      `bubblewrap is not installed. ${weaker}`,
      `An administrator can install it: sudo ${command}`,
    )
  if (!onPath('apt-get'))
    return missing(
      `bubblewrap is not installed and this machine has no apt. ${weaker}`,
      'Install bubblewrap, start again.',
    )
  if (!given.mayInstall)
    return missing(`bubblewrap is not installed (--no-system-packages). ${weaker}`, `Later: ${command}`)
  given.say(`bubblewrap is missing: installing Debian's package (${command}) …`)
  const log = openSync(given.logFile, 'a', 0o600)
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-qq', '-y', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      stdio: ['ignore', log, log],
      env: { PATH: process.env.PATH, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C', ...proxies() },
    }).status === 0
  const install = () => apt('install', '--no-install-recommends', 'bubblewrap')
  const installed = install() || (apt('update') && install())
  closeSync(log)
  if (installed && onPath('bwrap')) return { found: true, installed: true, lines: [] }
  return missing(`bubblewrap could not be installed (see ${given.logFile}). ${weaker}`, `By hand: ${command}`)
}

function missing(...lines: string[]): SandboxProgram {
  return { found: false, installed: false, lines }
}

function onPath(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/bin', '/usr/sbin', '/sbin']
  return folders.some((folder) => folder !== '' && isExecutable(join(folder, program)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function proxies(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name)))
}
