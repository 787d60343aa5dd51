import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type FileHandle, link, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Writes a whole file so that after a crash there is the old or the new one, never a part: temporary file, fsync, rename,
 * fsync of the folder. Mode 0600 unless given.
 */
export async function writeDurably(path: string, bytes: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = await writeTemporary(path, bytes, mode)
  try {
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** As writeDurably, but never replaces: false when somebody else made the file first, in whatever process. */
export async function createDurably(
  path: string,
  bytes: string | Uint8Array,
  mode = 0o600,
): Promise<boolean> {
  const temporary = await writeTemporary(path, bytes, mode)
  try {
    await link(temporary, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Whoever made the file may have cleared up our temporary one with those of the dead.
    if (code === 'EEXIST' || (code === 'ENOENT' && existsSync(path))) return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(dirname(path))
  return true
}

/** Removes what writers of this file left beside it when they were killed, which may be its whole content. */
export async function clearTemporary(path: string): Promise<void> {
  const [folder, prefix] = [dirname(path), temporaryPrefix(path)]
  for (const name of await readdir(folder))
    if (name.startsWith(prefix)) await rm(join(folder, name), { force: true })
}

/** Makes what was created, renamed or removed in this folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function writeTemporary(path: string, bytes: string | Uint8Array, mode: number): Promise<string> {
  const temporary = join(dirname(path), temporaryPrefix(path) + randomBytes(8).toString('hex'))
  let handle: FileHandle | undefined
  try {
    handle = await open(temporary, 'wx', mode)
    await handle.writeFile(bytes)
    await handle.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await handle?.close()
  }
  return temporary
}

const temporaryPrefix = (path: string) => `.tmp-${basename(path)}-`
