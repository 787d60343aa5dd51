import { createHash, hash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, open, readdir, rename, rm, symlink } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer as bufferOf } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import tar, { type Header } from 'tar-stream'
import { AppError } from '../../kernel/errors.ts'
import { hashOfEntries, type TreeEntry } from './release-tree.ts'

export const RELEASE_LIMITS = { entries: 200_000, bytes: 4 * 1024 ** 3, pathBytes: 1024 } as const

/** Files up to this size are read whole and written side by side: a release has tens of thousands of them. */
const SMALL_BYTES = 256 * 1024
const WRITES_AT_ONCE = 8
const INCOMING = '.incoming-'
const REMEDY = 'Pack the directory anew, without what is named here; nothing was added.'

export type Unpacked = { sha256: string; sizeBytes: number; folder: string }

/**
 * Unpacks an outside tar (gzip or not) into `releases/<sha256>/`, read-only. The hash is over the content (path, kind, executable
 * bit, bytes), so the same files give the same release however they were packed. Refuses paths and links that lead out, devices,
 * and what is too large; on refusal nothing remains.
 */
export async function unpackRelease(input: Readable, releases: string): Promise<Unpacked> {
  const folder = await mkdtemp(join(releases, INCOMING))
  try {
    const { entries, sizeBytes } = await extract(input, folder)
    const sha256 = hashOfEntries(entries)
    for (const [path, { kind }] of entries) if (kind === 'directory') await chmod(join(folder, path), 0o755)
    await chmod(folder, 0o755)
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

/** Removes what a process that ended in the middle of unpacking left; only while nobody unpacks. */
export async function removeHalfUnpacked(releases: string): Promise<void> {
  const names = await readdir(releases).catch(() => [])
  for (const name of names) if (name.startsWith(INCOMING)) await removeTree(join(releases, name))
}

type Extracted = { entries: Map<string, TreeEntry>; sizeBytes: number }

async function extract(input: Readable, folder: string): Promise<Extracted> {
  const parser = tar.extract()
  const entries = new Map<string, TreeEntry>()
  const links = new Set<string>()
  const writes = severalAtOnce(WRITES_AT_ONCE)
  let count = 0
  let sizeBytes = 0

  // Folders are made in the archive's order, so that no link can take a folder's place before it is there.
  const makeFolder = async (name: string): Promise<void> => {
    if (name === '.' || entries.get(name)?.kind === 'directory') return
    await makeFolder(posix.dirname(name))
    try {
      await mkdir(join(folder, name), { mode: 0o755 })
    } catch (error) {
      throw onePath(error, name)
    }
    entries.set(name, { kind: 'directory' })
  }
  const takeFile = async (name: string, header: Header, content: Readable) => {
    const isExecutable = ((header.mode ?? 0) & 0o100) !== 0
    const file = { path: join(folder, name), mode: isExecutable ? 0o555 : 0o444 }
    const note = (sha256: string) => void entries.set(name, { kind: 'file', isExecutable, sha256 })
    if ((header.size ?? 0) > SMALL_BYTES)
      return note(await writeStream(file, content).catch(throwOnePath(name)))
    const bytes = await bufferOf(content)
    await writes.add(() => writeWhole(file, bytes).then(note, throwOnePath(name)))
  }
  const take = async (header: Header, content: Readable) => {
    count += 1
    sizeBytes += header.size ?? 0
    if (count > RELEASE_LIMITS.entries) throw refused(`more than ${RELEASE_LIMITS.entries} entries`)
    if (sizeBytes > RELEASE_LIMITS.bytes) throw refused(`more than ${RELEASE_LIMITS.bytes} bytes`)
    const name = safePath(header.name)
    if (name === '.') return void content.resume()
    if (passesThrough(links, name, header.type === 'directory'))
      throw refused(`a path that goes through a link: ${name}`)
    if (header.type === 'file') {
      await makeFolder(posix.dirname(name))
      return takeFile(name, header, content)
    }
    if (header.type === 'directory') await makeFolder(name)
    else if (header.type === 'symlink') {
      const target = header.linkname
      if (!target || leadsOut(name, target)) throw refused(`a link that leads out of the release: ${name}`)
      await makeFolder(posix.dirname(name))
      await symlink(target, join(folder, name)).catch(throwOnePath(name))
      links.add(name)
      entries.set(name, { kind: 'link', target })
    } else throw refused(`an entry of kind ${header.type}: ${name}`)
    content.resume()
  }

  parser.on('entry', (header, content, next) => {
    // a broken archive breaks the entry too, also before anybody reads it
    content.on('error', () => {})
    take(header, content as unknown as Readable).then(() => next(), next)
  })
  try {
    const first = await firstBytes(input)
    await (isGzip(first.head)
      ? pipeline(first.stream, createGunzip(), parser)
      : pipeline(first.stream, parser))
    await writes.done()
  } catch (error) {
    await writes.done().catch(() => {})
    if (error instanceof AppError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new AppError('unavailable', 'The disk is full.', {
        remedy: 'Free some space, then repeat.',
        cause: error,
      })
    throw refused('something that is not a tar archive', error)
  }
  if (count === 0) throw refused('an archive without entries')
  return { entries, sizeBytes }
}

type NewFile = { path: string; mode: number }

async function writeWhole({ path, mode }: NewFile, bytes: Buffer): Promise<string> {
  const file = await open(path, 'wx', mode)
  try {
    if (bytes.length > 0) await file.writeFile(bytes)
    await file.chmod(mode) // whatever the umask
  } finally {
    await file.close()
  }
  return hash('sha256', bytes)
}

async function writeStream({ path, mode }: NewFile, content: Readable): Promise<string> {
  const file = await open(path, 'wx', mode)
  const digest = createHash('sha256')
  await file.chmod(mode)
  await pipeline(
    content,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        digest.update(chunk)
        yield chunk
      }
    },
    file.createWriteStream(),
  )
  return digest.digest('hex')
}

/** Runs work side by side, so many at once; the first failure is thrown by the next call. */
function severalAtOnce(limit: number) {
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  const check = () => {
    if (failures.length > 0) throw failures[0]
  }
  return {
    async add(work: () => Promise<void>): Promise<void> {
      while (running.size >= limit) await Promise.race(running)
      check()
      const one = work()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(one))
      running.add(one)
    },
    async done(): Promise<void> {
      await Promise.all(running)
      check()
    },
  }
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
const onePath = (error: unknown, name: string): unknown =>
  AT_ONE_PATH.has((error as NodeJS.ErrnoException).code ?? '')
    ? refused(`two entries at one path: ${name}`, error)
    : error
const throwOnePath = (name: string) => (error: unknown) => {
  throw onePath(error, name)
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

async function removeTree(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}
