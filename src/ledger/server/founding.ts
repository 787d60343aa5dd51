import { AppError, isAppError } from '../../kernel/errors.ts'
import type { Log } from './log.ts'
import { type ReadEntry, readEntries } from './query.ts'

const TYPE = 'world.founded'

/**
 * Makes the first entry of a new log say which world it is, and whether a demo; one that exists already is compared with what
 * this start says. Throws `conflict` when they differ: a real world never becomes a demo, nor the other way round. A log that
 * was begun before there were such entries gets its own at its next one.
 */
export async function foundWorld(log: Log, world: { worldId: string; demo: boolean }): Promise<void> {
  const first = await firstEntry(log)
  if (first === 'damaged') return
  if (first?.type === TYPE) return compare(first.event, world)
  const event = { worldId: world.worldId, demo: world.demo }
  try {
    await log.append([{ key: TYPE, stream: 'audit', subject: 'plane', region: 'plane', type: TYPE, event }])
  } catch (error) {
    if (isAppError(error, 'conflict')) throw otherKind(world.demo, error)
    // A log that takes nothing now is still to be read; nothing can be changed in this world meanwhile.
    if (!isAppError(error, 'log_unavailable')) throw error
  }
}

/** A damaged log is still to be read, and says itself that it is damaged. */
async function firstEntry(log: Log): Promise<ReadEntry | undefined | 'damaged'> {
  try {
    return (await readEntries(log, { from: 0, limit: 1, reverse: false })).entries[0]
  } catch (error) {
    if (isAppError(error, 'internal')) return 'damaged'
    throw error
  }
}

function compare(event: unknown, { worldId, demo }: { worldId: string; demo: boolean }): void {
  // Without its key nobody can read what it says any more.
  if (typeof event !== 'object' || event === null) return
  const founded = event as { worldId?: unknown; demo?: unknown }
  if (founded.demo !== demo) throw otherKind(demo)
  if (founded.worldId !== worldId)
    throw new AppError('conflict', `This log is of another world (${String(founded.worldId)}).`, {
      remedy: 'Put back the config.json of this data folder, or its ledger folder.',
    })
}

function otherKind(saysDemo: boolean, cause?: unknown): AppError {
  const [was, says] = saysDemo ? ['a real world', 'a demo'] : ['a demo', 'a real world']
  return new AppError(
    'conflict',
    `The first entry of the log says that this is ${was}, and config.json that it is ${says}; that can never change.`,
    {
      remedy: `Set "demo" in config.json back to ${!saysDemo}, or start another world with --data DIR.`,
      cause,
    },
  )
}
