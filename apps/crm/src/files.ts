import { createHash } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

/** Two letters of the id spread the files over 256 folders. The name a person gave never touches the disk. */
const pathOf = (dir: string, id: string): string => join(dir, id.slice(0, 2), id)

export type Stored = { size: number; sha256: string }

/** Durable when it returns: content and name are on disk. On any failure nothing is left. */
export async function storeFile(dir: string, id: string, content: Readable): Promise<Stored> {
  const path = pathOf(dir, id)
  const folder = join(dir, id.slice(0, 2))
  await mkdir(folder, { recursive: true })
  const partial = `${path}.partial`
  const hash = createHash('sha256')
  let size = 0
  try {
    const file = await open(partial, 'wx', 0o600)
    try {
      for await (const chunk of content as AsyncIterable<Buffer>) {
        hash.update(chunk)
        size += chunk.length
        await file.writeFile(chunk)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  return { size, sha256: hash.digest('hex') }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Null when the file is gone. Opened before it is returned, so that a failure is still an answer. */
export async function readFileStream(
  dir: string,
  id: string,
): Promise<{ stream: ReadStream; size: number } | null> {
  const path = pathOf(dir, id)
  const found = await stat(path).catch(() => null)
  return found ? { stream: createReadStream(path), size: found.size } : null
}

export async function removeFile(dir: string, id: string): Promise<void> {
  await rm(pathOf(dir, id), { force: true })
}
