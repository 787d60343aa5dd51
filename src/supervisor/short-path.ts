import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../kernel/errors.ts'
import { layout, socketPathLimitBytes } from '../kernel/layout.ts'

const sampleInstance = `ins_${'0'.repeat(26)}`

/**
 * A path to the data folder under which every socket's path fits into what Linux takes: the folder itself, or a link to
 * it in a private folder of this user.
 */
export function shortDataDir(dataDir: string): string {
  if (fits(dataDir)) return dataDir
  const uid = process.getuid?.() ?? 0
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 8)
  for (const base of [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp', '/var/tmp', '/dev/shm']) {
    if (!base) continue
    const folder = join(base, `borgen-${uid}`)
    const link = join(folder, name)
    if (fits(link) && ownFolder(folder, uid) && linkTo(link, dataDir)) return link
  }
  throw new AppError('bad_request', `The path of the data folder is too long for Unix sockets: ${dataDir}`, {
    remedy: 'Choose a shorter one with --data DIR.',
  })
}

function fits(dataDir: string): boolean {
  const longest = join(layout.instanceRun(dataDir, sampleInstance), '.s.PGSQL.5432')
  return Buffer.byteLength(longest) <= socketPathLimitBytes
}

/** A folder that nobody else can have prepared for us. */
function ownFolder(folder: string, uid: number): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false
  }
  const found = lstatSync(folder)
  return found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0
}

function linkTo(link: string, dataDir: string): boolean {
  try {
    if (readlinkSync(link) === dataDir) return true
    rmSync(link)
  } catch {
    // None yet.
  }
  try {
    symlinkSync(dataDir, link)
    return true
  } catch {
    return false
  }
}
