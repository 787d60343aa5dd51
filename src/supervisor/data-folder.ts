import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'

/** File systems that the kernel only shows (statfs(2) and linux/magic.h): nothing is kept in them. */
const pseudoFileSystems = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x1cd1, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11,
  0x6165676c, 0xde5e81e4, 0x62656570, 0x19800202, 0x42494e4d, 0x958458f6, 0xf97cff8c, 0x6e736673,
])

/**
 * The absolute path of the data folder, which is made if there is none. Throws when it belongs to another user, holds
 * something that is not Borgen's, or cannot be made.
 */
export function openDataFolder(asked: string): string {
  makeFolder(resolve(asked))
  const dataDir = realpathSync(resolve(asked))
  const uid = process.getuid?.() ?? 0
  const owner = statSync(dataDir).uid
  if (owner !== uid)
    throw new AppError('forbidden', `The data folder ${dataDir} belongs to another user (uid ${owner}).`, {
      remedy:
        owner === 0
          ? 'Start as root, or use another folder with --data DIR.'
          : 'Start as that user, or use --data DIR.',
    })
  // initdb puts the path of its own programs between a shell's double quotes. Root's processes see another path.
  if (uid !== 0 && /["$`\\\n]/.test(dataDir))
    throw new AppError(
      'bad_request',
      `The data folder ${dataDir} cannot be used: PostgreSQL's programs do not start below a path with " $ \` \\ or a line end.`,
      { remedy: 'Choose a path without these characters with --data DIR.' },
    )
  const ours = (name: string) => name === basename(layout.lock(dataDir)) || name.startsWith('.uid-')
  if (!existsSync(layout.config(dataDir)) && readdirSync(dataDir).some((name) => !ours(name)))
    throw new AppError(
      'conflict',
      `${dataDir} holds files and is not a data folder of Borgen (no config.json).`,
      {
        remedy: 'Choose an empty or new folder with --data DIR.',
      },
    )
  return dataDir
}

/** Makes a folder and those above it, one by one: Node's own way goes round for ever where the kernel denies a folder that is there. */
function makeFolder(path: string): void {
  const missing: string[] = []
  let there = path
  while (!standsAt(there)) {
    missing.unshift(there)
    there = dirname(there)
  }
  if (!existsSync(there) || !statSync(there).isDirectory()) throw unusable(path, `${there} is not a folder`)
  if (pseudoFileSystems.has(statfsSync(there).type))
    throw unusable(path, `${there} lies in a file system of the kernel, which keeps no files`)
  try {
    if (missing.length > 0) accessSync(there, constants.W_OK | constants.X_OK)
    for (const one of missing) mkdirSync(one, { mode: 0o700 })
  } catch (cause) {
    throw unusable(path, `this user may not write in ${there}`, cause)
  }
}

function standsAt(path: string): boolean {
  try {
    return lstatSync(path) !== undefined
  } catch {
    // Not there, or below something that is no folder or is closed to this user.
    return dirname(path) === path
  }
}

function unusable(path: string, why: string, cause?: unknown): AppError {
  return new AppError('bad_request', `The data folder ${path} cannot be used: ${why}.`, {
    remedy: 'Choose a place where this user may write with --data DIR.',
    cause,
  })
}
