import { createReadStream, type Stats } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import tar from 'tar-stream'
import { usageFailure } from './failure.ts'

type Packed =
  | { path: string; kind: 'directory' }
  | { path: string; kind: 'link'; target: string }
  | { path: string; kind: 'file'; sizeBytes: number; isExecutable: boolean }

export type Release = {
  files: number
  /** Of the files' content; the archive is somewhat larger. */
  contentBytes: number
  /** The archive, made anew at each call while the files are read. */
  stream(): Readable
}

/**
 * A folder as a tar archive that depends on its content alone: sorted, without times, owners or rights but the executable bit.
 * `.git` is left out at any depth. Throws for what an archive of a release cannot hold, naming it.
 */
export async function packRelease(folder: string): Promise<Release> {
  const entries = await collect(folder, '')
  const files = entries.filter((one) => one.kind === 'file')
  return {
    files: files.length,
    contentBytes: files.reduce((sum, one) => sum + one.sizeBytes, 0),
    stream() {
      const pack = tar.pack()
      write(pack, folder, entries).then(
        () => pack.finalize(),
        (error: Error) => pack.destroy(error),
      )
      // A stream of another make: Node reads it as any other.
      return Readable.from(pack as AsyncIterable<Uint8Array>, { objectMode: false })
    },
  }
}

async function collect(folder: string, at: string): Promise<Packed[]> {
  const names = (await readdir(join(folder, at))).filter((name) => name !== '.git')
  // By bytes, so that every machine and language packs in the same order.
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const found: Packed[] = []
  for (const name of names) {
    const path = at === '' ? name : `${at}/${name}`
    const stats = await lstat(join(folder, path))
    if (stats.isDirectory()) found.push({ path, kind: 'directory' }, ...(await collect(folder, path)))
    else if (stats.isSymbolicLink())
      found.push({ path, kind: 'link', target: await readlink(join(folder, path)) })
    else if (stats.isFile()) found.push(fileOf(path, stats))
    else
      throw usageFailure(
        `${join(folder, path)} is neither a file, a folder nor a link.`,
        'Remove it, then repeat.',
      )
  }
  return found
}

function fileOf(path: string, { size, mode }: Stats): Packed {
  return { path, kind: 'file', sizeBytes: size, isExecutable: (mode & 0o111) !== 0 }
}

async function write(pack: tar.Pack, folder: string, entries: Packed[]): Promise<void> {
  for (const entry of entries) {
    const header = { name: entry.path, mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: '' }
    if (entry.kind === 'directory') pack.entry({ ...header, type: 'directory', mode: 0o755 })
    else if (entry.kind === 'link')
      pack.entry({ ...header, type: 'symlink', mode: 0o777, linkname: entry.target })
    else {
      const mode = entry.isExecutable ? 0o755 : 0o644
      const file = { ...header, type: 'file' as const, mode, size: entry.sizeBytes }
      // A file that grows meanwhile is cut at the size it had; one that shrinks breaks the archive off.
      if (entry.sizeBytes === 0) pack.entry(file, '')
      else
        await pipeline(
          createReadStream(join(folder, entry.path), { end: entry.sizeBytes - 1 }),
          pack.entry(file),
        )
    }
  }
}
