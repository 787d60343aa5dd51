import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  chownTree,
  clusterFingerprint,
  initialiseCluster,
  type PostgresBinaries,
} from '../kernel/postgres-binaries.ts'
import { templateSql } from './store.ts'

const initdbExtra = ['--wal-segsize=4'] as const

/** A stopped cluster with role and database `app` and no password, which every new instance starts as a copy of. */
export type Template = { data: string; fingerprint: string }

export function templateFingerprint(binaries: PostgresBinaries): string {
  const sql = createHash('sha256').update(templateSql.join('\n')).digest('hex')
  return clusterFingerprint(binaries, [...initdbExtra, sql])
}

/**
 * The template for these binaries under `folder`, made when it lacks. `prepare` runs SQL on a stopped cluster in a
 * sandbox, as the user given.
 */
export async function ensureTemplate(
  folder: string,
  binaries: PostgresBinaries,
  owner: { uid: number; gid: number },
  root: boolean,
  prepare: (clusterFolder: { pg: string; db: string }, database: string, sql: string[]) => Promise<void>,
): Promise<Template> {
  const fingerprint = templateFingerprint(binaries)
  const data = join(folder, fingerprint)
  if (existsSync(data)) return { data, fingerprint }
  const half = join(folder, `.half-${randomBytes(6).toString('hex')}`)
  await mkdir(half, { recursive: true, mode: 0o711 })
  try {
    const cluster = { pg: join(half, 'pg'), db: join(half, 'db') }
    await mkdir(cluster.db)
    await initialiseCluster({
      binaries,
      pgData: cluster.pg,
      extraArguments: initdbExtra,
      ...(root ? { owner } : {}),
    })
    if (root) await chownTree(cluster.db, owner.uid, owner.gid)
    await prepare(cluster, 'template1', templateSql)
    await rm(join(cluster.pg, 'postmaster.opts'), { force: true })
    if (root) await chownTree(cluster.pg, 0, 0)
    // Readable by those who will own a copy; it holds nothing of anybody.
    await makeReadable(cluster.pg)
    await rename(cluster.pg, data)
  } finally {
    await rm(half, { recursive: true, force: true })
  }
  return { data, fingerprint }
}

async function makeReadable(path: string): Promise<void> {
  const folder = (await lstat(path)).isDirectory()
  await chmod(path, folder ? 0o755 : 0o644)
  if (folder) for (const name of await readdir(path)) await makeReadable(join(path, name))
}
