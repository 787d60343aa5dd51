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
  const links = new Set<string>()
  parser.on('entry', (header, stream, next) => {
    // a broken archive breaks the entry too, also before anybody reads it
    stream.on('error', () => {})
    const take = async () => {
      entries += 1
      bytes += header.size ?? 0
      if (entries > RELEASE_LIMITS.entries) throw refused(`more than ${RELEASE_LIMITS.entries} entries`)
      if (bytes > RELEASE_LIMITS.bytes) throw refused(`more than ${RELEASE_LIMITS.bytes} bytes`)
      const name = safePath(header.name)
      if (name === '.') return stream.resume()
      if (passesThrough(links, name, header.type === 'directory'))
        throw refused(`a path that goes through a link: ${name}`)
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true, mode: 0o755 })
      if (header.type === 'directory') {
        await mkdir(path, { recursive: true, mode: 0o755 })
      } else if (header.type === 'symlink') {
        if (!header.linkname || leadsOut(name, header.linkname))
          throw refused(`a link that leads out of the release: ${name}`)
        await symlink(header.linkname, path)
        links.add(name)
      } else if (header.type === 'file') {
        const file = await open(path, 'wx', (header.mode ?? 0) & 0o100 ? 0o755 : 0o644)
        await pipeline(stream, file.createWriteStream())
        return
      } else throw refused(`an entry of kind ${header.type}: ${name}`)
      stream.resume()
    }
    take().then(
      () => next(),
      (error: Error) =>
        next(atOnePath(error) ? refused(`two entries at one path: ${header.name}`, error) : error),
    )
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

/** Whether a path goes through one of these links, or (for a directory) is one: what is made there would lie elsewhere. */
function passesThrough(links: Set<string>, name: string, itself: boolean): boolean {
  const parts = name.split('/')
  const above = parts.slice(0, -1).map((_, at) => parts.slice(0, at + 1).join('/'))
  return above.some((one) => links.has(one)) || (itself && links.has(name))
}

/**
 * `..` is allowed at the beginning of a target only: there its directory is a real one, so that the target lies where the
 * path says. Behind a name it would be taken from wherever that name's link leads.
 */
function leadsOut(name: string, target: string): boolean {
  const parts = target.split('/').filter((part) => part !== '.' && part !== '')
  const ups = parts.findIndex((part) => part !== '..')
  if (posix.isAbsolute(target) || (ups >= 0 && parts.slice(ups).includes('..'))) return true
  const to = posix.normalize(posix.join(posix.dirname(name), target))
  return to === '..' || to.startsWith('../')
}

const AT_ONE_PATH = new Set(['EEXIST', 'ENOTDIR', 'EISDIR'])
const atOnePath = (error: unknown) => AT_ONE_PATH.has((error as NodeJS.ErrnoException).code ?? '')

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
