import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, open, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import tar from 'tar-stream'
import { AppError } from '../../kernel/errors.ts'

export const RELEASE_LIMITS = { entries: 200_000, bytes: 4 * 1024 ** 3, pathBytes: 1024 } as const

const REMEDY = 'Pack the directory anew, without what is named here; nothing was added.'

export type Unpacked = { sha256: string; sizeBytes: number; folder: string }

/**
 * Unpacks an outside tar (gzip or not) into `releases/<sha256>/`, read-only. The hash is over the content (path, kind, executable
 * bit, bytes), so the same files give the same release however they were packed. Refuses paths and links that lead out, devices,
 * and what is too large; on refusal nothing remains.
 */
export async function unpackRelease(input: Readable, releases: string): Promise<Unpacked> {
  const folder = await mkdtemp(join(releases, '.incoming-'))
  try {
    const sizeBytes = await extract(input, folder)
    const sha256 = await hashOfTree(folder)
    await makeReadOnly(folder)
    const target = join(releases, sha256)
    try {
      await rename(folder, target)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
      await removeTree(folder) // these very files are here already
    }
    return { sha256, sizeBytes, folder: target }
  } catch (error) {
    await removeTree(folder)
    throw error
  }
}

async function extract(input: Readable, folder: string): Promise<number> {
  const parser = tar.extract()
  let entries = 0
  let bytes = 0
  parser.on('entry', (header, stream, next) => {
    const take = async () => {
      entries += 1
      bytes += header.size ?? 0
      if (entries > RELEASE_LIMITS.entries) throw refused(`more than ${RELEASE_LIMITS.entries} entries`)
      if (bytes > RELEASE_LIMITS.bytes) throw refused(`more than ${RELEASE_LIMITS.bytes} bytes`)
      const name = safePath(header.name)
      if (name === '.') return stream.resume()
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true, mode: 0o755 })
      if (header.type === 'directory') {
        await mkdir(path, { recursive: true, mode: 0o755 })
      } else if (header.type === 'symlink') {
        const to = posix.normalize(posix.join(posix.dirname(name), header.linkname ?? ''))
        if (!header.linkname || posix.isAbsolute(header.linkname) || to === '..' || to.startsWith('../'))
          throw refused(`a link that leads out of the release: ${name}`)
        await symlink(header.linkname, path)
      } else if (header.type === 'file') {
        const file = await open(path, 'wx', (header.mode ?? 0) & 0o100 ? 0o755 : 0o644)
        await pipeline(stream, file.createWriteStream())
        return
      } else throw refused(`an entry of kind ${header.type}: ${name}`)
      stream.resume()
    }
    take().then(() => next(), next)
  })
  const first = await firstBytes(input)
  try {
    await (isGzip(first.head)
      ? pipeline(first.stream, createGunzip(), parser)
      : pipeline(first.stream, parser))
  } catch (error) {
    if (error instanceof AppError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new AppError('unavailable', 'The disk is full.', {
        remedy: 'Free some space, then repeat.',
        cause: error,
      })
    throw refused('something that is not a tar archive', error)
  }
  if (entries === 0) throw refused('an archive without entries')
  return bytes
}

function refused(what: string, cause?: unknown): AppError {
  return new AppError('bad_request', `The release holds ${what}.`, { remedy: REMEDY, cause })
}

function safePath(name: string): string {
  const normal = posix.normalize(name).replace(/\/$/, '')
  if (
    name === '' ||
    name.includes('\0') ||
    posix.isAbsolute(normal) ||
    normal === '..' ||
    normal.startsWith('../') ||
    Buffer.byteLength(normal) > RELEASE_LIMITS.pathBytes
  )
    throw refused(`a path that leads out of it or is too long: ${JSON.stringify(name.slice(0, 80))}`)
  return normal
}

const isGzip = (head: Buffer) => head[0] === 0x1f && head[1] === 0x8b

async function firstBytes(input: Readable): Promise<{ head: Buffer; stream: AsyncIterable<Buffer> }> {
  const iterator = input[Symbol.asyncIterator]()
  const head: Buffer[] = []
  let size = 0
  while (size < 2) {
    const next = await iterator.next()
    if (next.done) break
    head.push(next.value)
    size += next.value.length
  }
  return {
    head: Buffer.concat(head),
    stream: (async function* () {
      yield* head
      yield* { [Symbol.asyncIterator]: () => iterator }
    })(),
  }
}

/** SHA-256 over the sorted list of entries: `kind mode path\0` and the file's own SHA-256 or the link's target. */
export async function hashOfTree(folder: string): Promise<string> {
  const tree = createHash('sha256')
  const visit = async (at: string): Promise<void> => {
    const entries = await readdir(join(folder, at), { withFileTypes: true })
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`
      if (entry.isDirectory()) {
        tree.update(`d - ${path}\0`)
        await visit(path)
      } else if (entry.isSymbolicLink()) {
        tree.update(`l - ${path}\0${await readlink(join(folder, path))}\0`)
      } else {
        const executable = (await stat(join(folder, path))).mode & 0o100 ? 'x' : '-'
        const file = createHash('sha256')
        for await (const chunk of createReadStream(join(folder, path))) file.update(chunk)
        tree.update(`f ${executable} ${path}\0${file.digest('hex')}\0`)
      }
    }
  }
  await visit('')
  return tree.digest('hex')
}

async function makeReadOnly(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await makeReadOnly(path)
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o555 : 0o444)
  }
  await chmod(folder, 0o755)
}

async function removeTree(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}
