import type { AppendToLog } from '../../changes/outbox.ts'
import type { LogEntry } from '../../changes/store.ts'
import type { InstanceOutput, OutputFile } from '../../drivers/instances/contract/output.ts'
import { type AppError, isAppError } from '../../kernel/errors.ts'
import { batchesOf, entryOf, isEmpty, linesOf, refusedEntryOf } from './model.ts'

const CHUNK_BYTES = 256 * 1024
const RELEASE_EVERY_BYTES = 1024 * 1024
const CHUNKS_A_RUN = 16

/**
 * Carries what an output file holds behind `fromBytes` into the log, 4 MiB of it at most, and notes after each part how far it
 * came. Throws what the log throws when it takes nothing of this instance.
 */
export async function shipFile(
  parts: {
    output: InstanceOutput
    append: AppendToLog
    note(offsetBytes: number): Promise<unknown>
  },
  { instance, file, endBytes }: OutputFile,
  region: string,
  fromBytes: number,
): Promise<{ lines: number /** Whole lines are left. */; more: boolean }> {
  const { output, append, note } = parts
  let offset = fromBytes
  let lines = 0
  for (let count = 0; offset < endBytes; count++) {
    if (count === CHUNKS_A_RUN) return { lines, more: true }
    const chunk = await output.read(instance, file, offset, CHUNK_BYTES)
    const found = linesOf(chunk, offset, CHUNK_BYTES)
    const last = found.at(-1)
    if (!last) break
    const entries = found
      .filter((line) => !isEmpty(line))
      .map((line) => entryOf({ instance, region, file }, line))
    for (const batch of batchesOf(entries)) await appendAll(append, batch)
    await note(last.endBytes)
    if (Math.floor(last.endBytes / RELEASE_EVERY_BYTES) > Math.floor(offset / RELEASE_EVERY_BYTES))
      await output.release(instance, file, last.endBytes)
    offset = last.endBytes
    lines += entries.length
  }
  return { lines, more: false }
}

/** Appends all but what the log refuses for its content; in its place, an entry that says so. */
async function appendAll(append: AppendToLog, entries: LogEntry[]): Promise<void> {
  try {
    await append(entries)
  } catch (error) {
    if (!isRefusal(error)) throw error
    const [only] = entries
    if (entries.length === 1 && only) {
      await append([refusedEntryOf(only, error.message)])
      return
    }
    const middle = Math.ceil(entries.length / 2)
    await appendAll(append, entries.slice(0, middle))
    await appendAll(append, entries.slice(middle))
  }
}

/** Whether the log would refuse the same entries for ever. */
function isRefusal(error: unknown): error is AppError {
  return isAppError(error, 'bad_request') || isAppError(error, 'too_large') || isAppError(error, 'conflict')
}
