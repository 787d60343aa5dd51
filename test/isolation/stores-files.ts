import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { join } from 'node:path'

const program = join(import.meta.dirname, 'stores-attempts.pl')

/** A file or folder of the data folder, by its path below it. */
export type Found = { path: string; uid: number }

/** Somebody who tries: a user with its groups, and whose namespaces it is in. */
export type Trier = { name: string; uid: number; gid: number; groups: number[]; inNamespacesOf: number }

export type Tried = { attempts: number; refused: number; notRefused: string[] }

/** Everything under the data folder with its owner; what goes away meanwhile is left out. */
export function everythingIn(dataDir: string): Found[] {
  const found: Found[] = []
  const walk = (below: string) => {
    const stat = lstatSync(join(dataDir, below), { throwIfNoEntry: false })
    // Planted to be found by probes: nobody's, and open to everybody.
    if (!stat || below === 'warden/planted') return
    found.push({ path: below, uid: stat.uid })
    if (stat.isDirectory())
      for (const name of quietly(() => readdirSync(join(dataDir, below)))) walk(join(below, name))
  }
  for (const name of readdirSync(dataDir)) walk(name)
  return found
}

function quietly(read: () => string[]): string[] {
  try {
    return read()
  } catch {
    return []
  }
}

/** Runs every attempt at every path as the trier; `folder` is the data folder as it sees it, `own` a folder of its own. */
export function attempt(trier: Trier, folder: string, own: string, paths: string[]): Tried {
  const { uid, gid, groups, inNamespacesOf } = trier
  const args = [program, uid, gid, groups.join(','), own, inNamespacesOf].map(String)
  const ran = spawnSync('/usr/bin/perl', args, {
    input: paths.map((path) => `${join(folder, path)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const lines = ran.stdout.split('\n').filter((line) => line !== '')
  const [mark, attempts, refused] = lines.pop()?.split('\t') ?? []
  if (ran.status !== 0 || mark !== '#')
    throw new Error(`the attempts as ${trier.name} failed: ${ran.stderr}${ran.stdout}`)
  return { attempts: Number(attempts), refused: Number(refused), notRefused: lines }
}

/** A folder with a file, owned by a user; for who is allowed everything there, and for the tools of the others. */
export async function plant(folder: string, uid: number): Promise<string[]> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'planted'), { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'planted', 'file'), 'planted', { mode: 0o600 })
  for (const path of [folder, join(folder, 'planted'), join(folder, 'planted', 'file')])
    await chown(path, uid, uid)
  return ['planted/file', 'planted']
}
