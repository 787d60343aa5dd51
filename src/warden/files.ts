import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { chmod, chown, mkdir, open, readFile, rename } from 'node:fs/promises'

/** Writes a whole file so that a reader, or a crash, sees the old or the new one, never half of one. */
export async function writeWhole(
  path: string,
  content: string,
  options: { mode: number; owner?: { uid: number; gid: number }; durable?: boolean },
): Promise<void> {
  const half = `${path}.new`
  const file = await open(half, 'w', options.mode)
  try {
    await file.writeFile(content)
    await file.chmod(options.mode)
    if (options.owner) await file.chown(options.owner.uid, options.owner.gid)
    if (options.durable) await file.sync()
  } finally {
    await file.close()
  }
  await rename(half, path)
}

/** A folder with exactly this mode and owner, made when it lacks. */
export async function ensureFolder(
  path: string,
  mode: number,
  owner?: { uid: number; gid: number },
): Promise<void> {
  await mkdir(path, { recursive: true })
  if (owner) await chown(path, owner.uid, owner.gid)
  await chmod(path, mode)
}

export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

/**
 * Reads at most `limit` bytes of a regular file in a folder that an instance can write to: a link, pipe or device
 * planted there reads as undefined.
 */
export function readPlanted(path: string, limit = 4096): string | undefined {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
  try {
    if (!fstatSync(fd).isFile()) return undefined
    const buffer = Buffer.alloc(limit)
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, limit, 0))
  } finally {
    closeSync(fd)
  }
}

/** The last `limit` bytes of a file of ours. */
export async function readTail(path: string, from: number, limit: number): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const start = Math.max(from, size - limit)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - start)), 0, null, start)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
