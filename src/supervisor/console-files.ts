import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'

const SOURCES = ['web', 'src/api-client', 'package-lock.json']
const NOT_SOURCES = /(^|\/)(dist|node_modules)$|\.test\.tsx?$/
const STAMP = 'sources.sha256'

/** The SHA-256 of everything that the console's pages are built from: names and contents. */
export function hashOfConsoleSources(codeDir: string): string {
  const hash = createHash('sha256')
  const take = (path: string) => {
    const bytes = readFileSync(join(codeDir, path))
    hash.update(`${path}\0${bytes.length}\0`).update(bytes)
  }
  const walk = (folder: string) => {
    const entries = readdirSync(join(codeDir, folder), { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${folder}/${entry.name}`
      if (NOT_SOURCES.test(path)) continue
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile()) take(path)
    }
  }
  for (const source of SOURCES) {
    if (source.includes('.')) take(source)
    else walk(source)
  }
  return hash.digest('hex')
}

const stampIn = (folder: string) => {
  try {
    return readFileSync(join(folder, STAMP), 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * Brings the console's built files into the data folder, where every process may read them. They are built in the
 * checkout (web/dist) when the sources changed since, or in the data folder where the checkout cannot be written to; of
 * two starts at once each builds for itself and the later one wins. Returns whether anything was built.
 */
export async function ensureConsoleFiles(given: {
  codeDir: string
  dataDir: string
  nodePath: string
}): Promise<boolean> {
  const { codeDir, dataDir, nodePath } = given
  const wanted = hashOfConsoleSources(codeDir)
  const place = layout.consoleFiles(dataDir)
  if (stampIn(place) === wanted) return false
  const built = join(codeDir, 'web', 'dist')
  const isNew = stampIn(built) !== wanted
  const fresh = `${place}.${process.pid}`
  rmSync(fresh, { recursive: true, force: true })
  if (isNew) await build(codeDir, nodePath, fresh)
  else cpSync(built, fresh, { recursive: true })
  writeFileSync(join(fresh, STAMP), `${wanted}\n`)
  // The supervisor's own umask lets nobody else read; the server must.
  execFileSync('chmod', ['-R', 'go+rX', '--', fresh])
  if (isNew) keepForOthers(fresh, built)
  rmSync(place, { recursive: true, force: true })
  renameSync(fresh, place)
  return isNew
}

/** Whole or not at all: another start may be reading there. */
function keepForOthers(fresh: string, built: string): void {
  const beside = `${built}.${process.pid}`
  try {
    cpSync(fresh, beside, { recursive: true })
    if (existsSync(built)) renameSync(built, `${beside}.old`)
    renameSync(beside, built)
  } catch {
    // A checkout that is somebody else's, or another start that was quicker: each world has its own files anyway.
  } finally {
    try {
      for (const rest of [beside, `${beside}.old`]) rmSync(rest, { recursive: true, force: true })
    } catch {
      // Not ours to write, so nothing was left there.
    }
  }
}

async function build(codeDir: string, nodePath: string, into: string): Promise<void> {
  mkdirSync(into, { recursive: true })
  try {
    await promisify(execFile)(
      nodePath,
      ['--disable-warning=ExperimentalWarning', join(codeDir, 'web', 'build.ts'), into],
      { cwd: codeDir, maxBuffer: 16 * 1024 * 1024 },
    )
  } catch (cause) {
    rmSync(into, { recursive: true, force: true })
    const said =
      cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().slice(0, 2000) : String(cause)
    throw new AppError('internal', `The console’s pages could not be built: ${said}`, {
      remedy: 'Take back what was changed below web/, or remove node_modules and start again.',
      cause,
    })
  }
}
