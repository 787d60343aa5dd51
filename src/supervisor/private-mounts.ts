import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { AppError } from '../kernel/errors.ts'

// Holds the mount namespace that we came from, while the program starts again in its own.
const marker = 'BORGEN_OUTER_MOUNTS'
const mountPoint = '/run/borgen'

/** Where the plane's processes find the code and the data; `isPrivate` says whether that is our own mount namespace. */
export type Places = { codeDir: string; dataDir: string; isPrivate: boolean }

/**
 * As root, runs this very program again, in the same process, inside a mount namespace of its own; returns when that is
 * done already, or false when the machine does not allow it. Call it first: what was set up before is lost.
 */
export function enterPrivateMounts(): boolean {
  const outer = process.env[marker]
  delete process.env[marker]
  const current = readlinkSync('/proc/self/ns/mnt')
  if (outer !== undefined) return outer !== current
  const unshare = ['/usr/bin/unshare', '/bin/unshare'].find((file) => existsSync(file))
  if (unshare === undefined || process.execve === undefined) return false
  const args = ['--mount', '--propagation', 'private', '--']
  if (spawnSync(unshare, [...args, 'true'], { stdio: 'ignore' }).status !== 0) return false
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve(unshare, ['unshare', ...args, ...again], { ...definedOnly(process.env), [marker]: current })
  return false
}

/**
 * In our own mount namespace: shows the code at /run/borgen/code, read-only, and the data at /run/borgen/data, so that
 * other users reach them even where the checkout lies in somebody's private folder, and socket paths stay short.
 * The repository's history and the data folder are not among the code.
 */
export function mountPlaces(codeDir: string, dataDir: string): Places {
  const code = join(mountPoint, 'code')
  const data = join(mountPoint, 'data')
  mkdirSync(mountPoint, { recursive: true, mode: 0o755 })
  const shown = readdirSync(codeDir, { withFileTypes: true }).filter(
    (entry) => !entry.name.startsWith('.') && !contains(join(codeDir, entry.name), dataDir),
  )
  const folders = shown.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  const files = shown.filter((entry) => entry.isFile()).map((entry) => entry.name)
  sh(
    `mount -t tmpfs -o mode=0755,size=16m,nosuid,nodev borgen "$1"
     mkdir -m 755 "$1/code" "$1/data"
     mount --rbind "$2" "$1/data"
     mount -o remount,bind,nosuid,nodev "$1/data"`,
    [mountPoint, dataDir],
  )
  for (const name of folders) mkdirSync(join(code, name), { mode: 0o755 })
  for (const name of files) writeFileSync(join(code, name), '', { mode: 0o644 })
  sh(
    'while [ $# -gt 0 ]; do mount -o bind,ro,nosuid,nodev "$1" "$2"; shift 2; done',
    [...folders, ...files].flatMap((name) => [join(codeDir, name), join(code, name)]),
  )
  return { codeDir: code, dataDir: data, isPrivate: true }
}

function contains(folder: string, path: string): boolean {
  const rest = relative(folder, path)
  return rest === '' || (!rest.startsWith('..') && !isAbsolute(rest))
}

function sh(script: string, args: readonly string[]): void {
  const ran = spawnSync('sh', ['-ec', `umask 022\n${script}`, 'sh', ...args], { encoding: 'utf8' })
  if (ran.status === 0) return
  throw new AppError('internal', `The private view of code and data failed: ${ran.stderr?.trim()}`, {
    remedy: 'Start as an ordinary user, or on a machine where root may mount.',
  })
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}
