import { existsSync, readFileSync } from 'node:fs'
import { chown, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Uids } from '../kernel/boot.ts'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import {
  ensurePostgresBinaries,
  initialiseCluster,
  type PostgresBinaries,
} from '../kernel/postgres-binaries.ts'
import { scramOf } from './store.ts'

// initdb refuses root; kernel/postgres-binaries runs it as this user then.
const nobody = 65534

const accessRules = `# Written by Borgen: the socket is the only way in, and a password the only key.
local all all scram-sha-256
`

/** PostgreSQL's settings for the plane; they stand on its command line, so that a new version brings new ones. */
const settings = {
  listen_addresses: '',
  unix_socket_permissions: '0660',
  password_encryption: 'scram-sha-256',
  shared_buffers: '64MB',
  max_connections: '60',
  max_wal_size: '512MB',
  log_line_prefix: '%m [%p] %u@%d ',
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
}

/** PostgreSQL's program and arguments for the plane's cluster at these paths. */
export function postgresCommand(binaries: PostgresBinaries, dataDir: string): string[] {
  const all = { ...settings, unix_socket_directories: layout.databaseSockets(dataDir) }
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return [join(binaries.bin, 'postgres'), '-D', layout.planePostgres(dataDir), ...options]
}

/** PostgreSQL's binaries below the data folder, made from the installed package at the first start of each version. */
export function planeBinaries(codeDir: string, dataDir: string): Promise<PostgresBinaries> {
  return ensurePostgresBinaries({ codeDir, intoDir: layout.postgresBinaries(dataDir) })
}

/** Makes the plane's cluster if there is none yet, whole or not at all; returns whether it did. */
export async function makeCluster(given: {
  binaries: PostgresBinaries
  dataDir: string
  uids: Uids
  superuserPassword: string
}): Promise<boolean> {
  const { binaries, dataDir, uids } = given
  const pgData = layout.planePostgres(dataDir)
  if (existsSync(join(pgData, 'PG_VERSION'))) {
    const found = readFileSync(join(pgData, 'PG_VERSION'), 'utf8').trim()
    const major = binaries.version.split('.')[0]
    if (found !== major)
      throw new AppError(
        'conflict',
        `The plane's database is of PostgreSQL ${found}, this Borgen brings ${major}.`,
        {
          remedy: 'Start the version of Borgen that made it and move over with a dump.',
        },
      )
    return false
  }
  const half = `${pgData}.new`
  const passwordFile = `${half}.password`
  await clearHalfMade(dataDir)
  const owner = uids.distinct ? { uid: uids.database, gid: uids.database } : undefined
  // PostgreSQL stores a verifier as it is: the password itself is in no file.
  await writeFile(passwordFile, `${scramOf(given.superuserPassword)}\n`, { mode: 0o400 })
  if (owner) await chown(passwordFile, nobody, nobody)
  const extraArguments = [`--pwfile=${passwordFile}`]
  await initialiseCluster({ binaries, pgData: half, extraArguments, ...(owner ? { owner } : {}) })
  await rm(passwordFile)
  await writeFile(join(half, 'pg_hba.conf'), accessRules, { mode: 0o600 })
  if (owner) await chown(join(half, 'pg_hba.conf'), owner.uid, owner.gid)
  await rename(half, pgData)
  return true
}

/** Removes what a start that was killed left beside the cluster. */
async function clearHalfMade(dataDir: string): Promise<void> {
  const folder = layout.plane(dataDir)
  const left = (await readdir(folder)).filter(
    (name) => name.startsWith('pg.new') || name.startsWith('.pg.new.'),
  )
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true })
}

/** Whether the server with this process id says in its lock file that it takes connections. */
export function postgresIsReady(dataDir: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(layout.planePostgres(dataDir), 'postmaster.pid'), 'utf8').split('\n')
    return lines[0]?.trim() === String(pid) && lines[7]?.trim() === 'ready'
  } catch {
    return false
  }
}
