import { existsSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'

/**
 * The absolute path of the data folder, which is made if there is none. Throws when it belongs to another user or holds
 * something that is not Borgen's.
 */
export function openDataFolder(asked: string): string {
  try {
    mkdirSync(resolve(asked), { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new AppError('bad_request', `The data folder ${resolve(asked)} cannot be made.`, {
      remedy: 'Choose a place where this user may write with --data DIR.',
      cause,
    })
  }
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
