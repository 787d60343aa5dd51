import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { PostgresBinaries } from '../kernel/postgres-binaries.ts'
import { readPlanted } from './files.ts'
import type { InstanceFolder } from './places.ts'
import { insideDatabase } from './postgres-conf.ts'
import type { Mount, SandboxPlan } from './sandbox-plan.ts'

const postgres = join(insideDatabase.install, 'bin', 'postgres')

/** What every database sandbox shares: PostgreSQL, the few libraries it takes from the system, its configuration. */
export type DatabaseGround = {
  binaries: PostgresBinaries
  systemLibraries: Mount[]
  conf: string
  etc: string
}

/** The system's libraries that postgres loads (its C library and loader), so that no shell or tool comes along. */
export async function systemLibrariesOf(binaries: PostgresBinaries): Promise<Mount[]> {
  const { stdout } = await promisify(execFile)('/usr/bin/ldd', [join(binaries.bin, 'postgres')])
  const own = [binaries.root, await realpath(binaries.root)].map((root) => `${root}/`)
  const paths = loadedLibraries(stdout).filter((path) => !own.some((root) => path.startsWith(root)))
  // The C library before 2.34 looks names up in a library of its own, which ldd does not name.
  const libc = paths.find((path) => path.endsWith('/libc.so.6'))
  const names = libc && join(dirname(libc), 'libnss_files.so.2')
  if (names && existsSync(names)) paths.push(names)
  return Promise.all(
    paths.map(async (path) => ({ kind: 'read-only' as const, from: await realpath(path), to: path })),
  )
}

/** The files in what `ldd` said. A path may hold blanks and arrows; what stands before it holds no slash. */
export function loadedLibraries(said: string): string[] {
  return said
    .split(/ \(0x[0-9a-f]+\)\n/)
    .map((line) => /^[^/]*(?:\t|=> )(\/.*)$/s.exec(line)?.[1])
    .filter((path) => path !== undefined)
}

/** PostgreSQL of one instance: its data, its socket, nothing else to write; no shell and no tool to run. */
export function databasePlan(ground: DatabaseGround, folder: Pick<InstanceFolder, 'pg' | 'db'>): SandboxPlan {
  return plan(ground, folder, ['-D', insideDatabase.data])
}

/** PostgreSQL without a server, which takes SQL from its standard input, one command a line. */
export function singleUserPlan(
  ground: DatabaseGround,
  folder: Pick<InstanceFolder, 'pg' | 'db'>,
  database: string,
): SandboxPlan {
  return plan(ground, folder, ['--single', '-j', '-D', insideDatabase.data], [database])
}

function plan(
  ground: DatabaseGround,
  folder: Pick<InstanceFolder, 'pg' | 'db'>,
  before: string[],
  after: string[] = [],
): SandboxPlan {
  return {
    role: 'database',
    hostname: 'database',
    mounts: [
      ...ground.systemLibraries,
      { kind: 'dev', to: '/dev' },
      // Without a name for its user, single-user mode refuses to run.
      { kind: 'read-only', from: join(ground.etc, 'passwd'), to: '/etc/passwd' },
      { kind: 'read-only', from: join(ground.etc, 'nsswitch.conf'), to: '/etc/nsswitch.conf' },
      { kind: 'memory', to: '/tmp', sizeMiB: 16 },
      { kind: 'read-only', from: ground.binaries.root, to: insideDatabase.install },
      { kind: 'read-only', from: ground.conf, to: insideDatabase.conf },
      { kind: 'writable', from: folder.pg, to: insideDatabase.data },
      { kind: 'writable', from: folder.db, to: insideDatabase.sockets },
    ],
    workingDir: insideDatabase.data,
    command: [postgres, ...before, '-c', `config_file=${insideDatabase.conf}/postgresql.conf`, ...after],
    // Without /proc the loader cannot resolve $ORIGIN.
    environment: { LC_ALL: 'C', TZ: 'UTC', LD_LIBRARY_PATH: join(insideDatabase.install, 'lib') },
    gated: false,
    lockHolder: 'command',
  }
}

/** Whether this start of the server (not an earlier one) takes connections now. */
export function isDatabaseReady(folder: Pick<InstanceFolder, 'pg'>): boolean {
  // Line 8 of postmaster.pid (utils/pidfile.h). The caller removed an earlier server's file.
  return readPlanted(join(folder.pg, 'postmaster.pid'))?.split('\n')[7]?.trim() === 'ready'
}
