import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Disk } from '../disk.ts'

/** A file of the tree that was not as the log had left it; `keptAs` is below the log's folder. */
export type Altered = { path: string; keptAs: string; wasMissing: boolean }

/**
 * The files that the log shows to others. What somebody changed in them is never mended silently: before such a file is
 * replaced or removed, what stands there is set aside, where every check names it until an operator removes it.
 */
export type PublishedFiles = {
  /**
   * Puts a file in place, whole at every moment, unless it holds these bytes already. Where it was not written by this
   * process before, `isOurs` says whether what stands there may be replaced.
   */
  put(path: string, bytes: Buffer, isOurs?: (standing: Buffer) => boolean): void
  /** Removes a file, and its folder when that is empty; `expected` for one that this process did not write. */
  remove(path: string, expected: () => Buffer | undefined): void
}

/** Published files in `tree`; writes pass through a file in its journal folder, since everything else there is public. */
export function createPublishedFiles(disk: Disk, tree: string): PublishedFiles {
  const temporary = join(tree, 'journal', 'publish.tmp')
  const aside = asideFolder(tree)
  // Only of what is replaced again: partial tiles, checkpoint and key.
  const written = new Map<string, Buffer>()

  const setAside = (path: string, isMissing: boolean) => {
    mkdirSync(aside, { recursive: true, mode: 0o700 })
    const name = freeName(aside, path)
    if (isMissing) disk.replace(join(aside, `${name}.missing`), Buffer.alloc(0), temporary)
    else disk.move(join(tree, path), join(aside, name))
  }
  const write = (path: string, bytes: Buffer) => {
    const file = join(tree, path)
    try {
      disk.replace(file, bytes, temporary)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      for (const one of [file, temporary]) mkdirSync(dirname(one), { recursive: true, mode: 0o700 })
      disk.replace(file, bytes, temporary)
    }
  }

  return {
    put(path, bytes, isOurs = (standing) => isTorn(standing, bytes)) {
      const standing = readIfThere(join(tree, path))
      const before = written.get(path)
      if (before && !standing?.equals(before)) setAside(path, standing === undefined)
      else if (standing?.equals(bytes)) {
        if (isReplaced(path)) written.set(path, bytes)
        return
      } else if (standing && !before && !isOurs(standing)) setAside(path, false)
      write(path, bytes)
      if (isReplaced(path)) written.set(path, bytes)
    },
    remove(path, expected) {
      const file = join(tree, path)
      const standing = readIfThere(file)
      const before = written.get(path)
      const wanted = before ?? expected()
      written.delete(path)
      const isOurs = standing && (!wanted || standing.equals(wanted) || (!before && isTorn(standing, wanted)))
      if (standing ? !isOurs : before) setAside(path, standing === undefined)
      else rmSync(file, { force: true })
      try {
        rmdirSync(dirname(file))
      } catch {
        // Another width of the same tile lies in it.
      }
    },
  }
}

/** What was set aside and is still there, in the order of names. */
export function alteredFiles(tree: string): Altered[] {
  const aside = asideFolder(tree)
  const names = existsSync(aside) ? readdirSync(aside).sort() : []
  return names.flatMap((name) => {
    const [, flat, missing] = /^(.+)\.\d+(\.missing)?$/.exec(name) ?? []
    if (flat === undefined) return []
    return [{ path: flat.replaceAll('_', '/'), keptAs: `altered/${name}`, wasMissing: missing !== undefined }]
  })
}

function asideFolder(tree: string): string {
  return join(tree, '..', 'altered')
}

/** Paths of the tree hold no underscore, so that the name tells the path. */
function freeName(aside: string, path: string): string {
  const flat = path.replaceAll('/', '_')
  let number = 1
  while (existsSync(join(aside, `${flat}.${number}`)) || existsSync(join(aside, `${flat}.${number}.missing`)))
    number++
  return `${flat}.${number}`
}

function isReplaced(path: string): boolean {
  return path.includes('.p/') || !path.startsWith('tile/')
}

/** A file as a cut of power leaves it: the beginning of what was being written, then nothing or zeros. */
export function isTorn(standing: Buffer, whole: Buffer): boolean {
  let at = 0
  while (at < standing.length && standing[at] === whole[at]) at++
  return standing.subarray(at).every((byte) => byte === 0)
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
