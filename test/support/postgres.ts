import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { migrate } from '../../src/kernel/migrate.ts'
import {
  clusterFingerprint,
  ensurePostgresBinaries,
  initialiseCluster,
  type PostgresBinaries,
} from '../../src/kernel/postgres-binaries.ts'
import { prepareRoles } from '../../src/supervisor/store.ts'

const run = promisify(execFile)
const checkout = resolve(import.meta.dirname, '../..')
const nobody = 65534
const asRoot = process.getuid?.() === 0
const owner = asRoot ? { uid: nobody, gid: nobody } : undefined
const roles = ['borgen_owner', 'borgen_server', 'borgen_worker', 'borgen_prover'] as const

export type TestRole = 'postgres' | (typeof roles)[number]

/** A PostgreSQL of one test file's own, migrated, reachable by its Unix socket only. */
export type TestPostgres = {
  /** As the superuser; `urlAs` for the roles that the product's processes have. */
  url: string
  urlAs(role: TestRole, database?: string): string
  /** A database without anything in it, owned by `borgen_owner`; returns its URL as that role. */
  emptyDatabase(): Promise<string>
  /** Stops it and removes its folder; call it once, in `after`. */
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL with the database `borgen` as the product makes it: its roles (any password is taken) and every
 * migration of sql/. It is a copy of a cluster made once per user of this machine and kept in the temporary folder.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const binaries = await ensurePostgresBinaries({
    codeDir: checkout,
    intoDir: join(cacheFolder(), 'postgres'),
  })
  const template = await ensureTemplate(binaries)
  const folder = mkdtempSync(join(tmpdir(), 'bpg-'))
  if (owner) chownSync(folder, owner.uid, owner.gid)
  await run('cp', ['-a', '--reflink=auto', template, join(folder, 'data')])
  const server = await launch(binaries, folder)
  const urlAs = (role: TestRole, database = 'borgen') =>
    `postgres://${role}:any@/${database}?host=${encodeURIComponent(folder)}`
  return {
    url: urlAs('postgres'),
    urlAs,
    async emptyDatabase() {
      const name = `empty_${randomBytes(6).toString('hex')}`
      const client = new pg.Client({ connectionString: urlAs('postgres') })
      await client.connect()
      try {
        await client.query(`create database ${name} owner borgen_owner`)
      } finally {
        await client.end()
      }
      return urlAs('borgen_owner', name)
    },
    async stop() {
      await halt(server)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Ours alone: another user could plant programs in a folder of this name. */
function cacheFolder(): string {
  const folder = join(tmpdir(), `borgen-test-${process.getuid?.() ?? 'user'}`)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0)
    throw new Error(`${folder} is not ours alone: remove it.`)
  return folder
}

async function ensureTemplate(binaries: PostgresBinaries): Promise<string> {
  const template = join(cacheFolder(), `cluster-${fingerprint(binaries)}`)
  if (existsSync(template)) return template
  const folder = mkdtempSync(join(cacheFolder(), 'new-'))
  try {
    if (owner) chownSync(folder, owner.uid, owner.gid)
    await initialiseCluster({ binaries, pgData: join(folder, 'data'), ...(owner ? { owner } : {}) })
    // The folder of the socket is 0700: whoever gets as far may be any role.
    await writeFile(join(folder, 'data', 'pg_hba.conf'), 'local all all trust\n', { mode: 0o644 })
    const server = await launch(binaries, folder)
    const url = (role: string, database: string) =>
      `postgres://${role}:any@/${database}?host=${encodeURIComponent(folder)}`
    await prepareRoles(url('postgres', 'postgres'), Object.fromEntries(roles.map((role) => [role, 'any'])))
    await migrate({ url: url('borgen_owner', 'borgen'), dir: join(checkout, 'sql') })
    await halt(server)
    await rename(join(folder, 'data'), template).catch((error: NodeJS.ErrnoException) => {
      // Another test file was quicker; its cluster is the same.
      if (!existsSync(template)) throw error
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return template
}

function fingerprint(binaries: PostgresBinaries): string {
  const migrations = readdirSync(join(checkout, 'sql'))
    .filter((name) => /^\d{4}_/.test(name))
    .sort()
    .map((name) => join('sql', name))
  const sources = [...migrations, 'src/supervisor/store.ts', 'test/support/postgres.ts']
  const hash = createHash('sha256').update(clusterFingerprint(binaries, []))
  for (const source of sources) hash.update(`\n${source}\n`).update(readFileSync(join(checkout, source)))
  return hash.digest('hex').slice(0, 24)
}

async function launch(binaries: PostgresBinaries, folder: string): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: folder,
    unix_socket_permissions: '0700',
    // Its data outlive no test.
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '16MB',
    timezone: 'UTC',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // A test that is killed takes its PostgreSQL with it.
  const command = [join(binaries.bin, 'postgres'), '-D', join(folder, 'data'), ...options]
  const guarded = existsSync('/usr/bin/setpriv')
    ? ['/usr/bin/setpriv', '--pdeathsig', 'QUIT', ...command]
    : command
  const child = spawn(guarded[0]!, guarded.slice(1), {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...(owner ?? {}),
  })
  const { promise, resolve: ready, reject } = Promise.withResolvers<void>()
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-4000)
    if (output.includes('ready to accept connections')) ready()
  })
  child.on('error', reject)
  child.on('exit', (code) => reject(new Error(`postgres ended with ${code}: ${output}`)))
  await promise
  return child
}

async function halt(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const { promise, resolve: gone } = Promise.withResolvers<void>()
  server.once('exit', () => gone())
  server.kill('SIGINT')
  await promise
}
