import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What stands at one path of a release; a file by its content's SHA-256 in hex. */
export type TreeEntry =
  | { kind: 'directory' }
  | { kind: 'link'; target: string }
  | { kind: 'file'; isExecutable: boolean; sha256: string }

/**
 * SHA-256 in hex over all entries, folders included, by path in the order of a walk (each folder before what is in it, names by
 * UTF-16 units): `kind mode path\0`, then the file's own SHA-256 or the link's target and `\0`.
 */
export function hashOfEntries(entries: ReadonlyMap<string, TreeEntry>): string {
  const tree = createHash('sha256')
  // NUL is lower than whatever a name may hold, so that the contents of `a` come before `a-b`.
  const walk = [...entries].map(([path, entry]) => ({ key: path.replaceAll('/', '\0'), path, entry }))
  walk.sort((a, b) => (a.key < b.key ? -1 : 1))
  for (const { path, entry } of walk) {
    if (entry.kind === 'directory') tree.update(`d - ${path}\0`)
    else if (entry.kind === 'link') tree.update(`l - ${path}\0${entry.target}\0`)
    else tree.update(`f ${entry.isExecutable ? 'x' : '-'} ${path}\0${entry.sha256}\0`)
  }
  return tree.digest('hex')
}

/** The same hash of what lies in a folder. */
export async function hashOfTree(folder: string): Promise<string> {
  const entries = new Map<string, TreeEntry>()
  for (const found of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const at = join(found.parentPath, found.name)
    entries.set(at.slice(folder.length + 1), await entryAt(at, found))
  }
  return hashOfEntries(entries)
}

async function entryAt(
  path: string,
  found: { isDirectory(): boolean; isSymbolicLink(): boolean },
): Promise<TreeEntry> {
  if (found.isDirectory()) return { kind: 'directory' }
  if (found.isSymbolicLink()) return { kind: 'link', target: await readlink(path) }
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  const isExecutable = ((await stat(path)).mode & 0o100) !== 0
  return { kind: 'file', isExecutable, sha256: hash.digest('hex') }
}
