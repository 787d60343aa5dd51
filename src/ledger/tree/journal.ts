import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Disk } from '../disk.ts'

/*
 * The journal is the one truth of what is committed: an entry is in the log when, and only when, its record is whole in the
 * journal. Tiles, checkpoint and idempotency files are made from it and can be made again.
 *
 * A file `<size, 16 digits>.journal` begins with a base record (the state at that size) and goes on with commit records.
 * Record: u32 length ‖ check (16 bytes) ‖ payload; check = first half of SHA-256(check of the record before ‖ payload), so
 * that a record is good only after the ones it followed.
 */
const CHECK_BYTES = 16
const PREFIX_BYTES = 4 + CHECK_BYTES
const NAME = /^(\d{16})\.journal$/
const LENGTH_LIMIT_BYTES = 256 * 1024 * 1024

/** One journal file as it was read: its records' payloads, and where reading had to stop, if before the end. */
export type JournalFile = {
  base: number
  path: string
  records: Buffer[]
  length: number
  brokenAt: number | undefined
  /** What is broken is followed by a good record: it was damaged later, not cut off by a crash. */
  goesOn: boolean
}

/** An open journal; `append` resolves when the record is on stable storage. */
export type Journal = {
  readonly base: number
  readonly path: string
  readonly length: number
  /** How long it was with its base record alone. */
  readonly baseBytes: number
  /** Throws at once, with nothing changed, when the record cannot be written; rejects when it may not have become durable. */
  append(payload: Buffer[]): Promise<void>
  close(): void
}

/** Journal files in their order. A torn tail is no error here: `brokenAt` says where the good part ends. */
export function readJournals(folder: string): JournalFile[] {
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  return names.flatMap((name) => {
    const base = NAME.exec(name)?.[1]
    return base === undefined ? [] : [readJournal(join(folder, name), Number(base))]
  })
}

/** One journal file as it is on the disk now; undefined when it is gone. */
export function readJournalFile(path: string): JournalFile | undefined {
  const base = NAME.exec(basename(path))?.[1]
  return base !== undefined && existsSync(path) ? readJournal(path, Number(base)) : undefined
}

/** Makes a journal whose base record is durable, with the file's name, before it resolves. */
export async function createJournal(
  disk: Disk,
  folder: string,
  base: number,
  state: Buffer,
): Promise<Journal> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${String(base).padStart(16, '0')}.journal`)
  const record = encode([state], Buffer.alloc(0))
  try {
    disk.replace(path, Buffer.concat(record), `${path}.tmp`)
    await disk.syncPath(path)
    await disk.syncPath(folder)
  } catch (error) {
    // Left in place it would contradict what the older journal goes on to say.
    rmSync(path, { force: true })
    throw error
  }
  const length = PREFIX_BYTES + state.length
  return openJournal(disk, { path, base, length, baseBytes: length, check: record[0]!.subarray(4) })
}

/** Goes on after the good part of a file; what was torn is cut off first. */
export async function continueJournal(disk: Disk, file: JournalFile): Promise<Journal> {
  let check: Buffer = Buffer.alloc(0)
  for (const payload of file.records) check = checkOf(check, [payload])
  const baseBytes = PREFIX_BYTES + (file.records[0]?.length ?? 0)
  const journal = openJournal(disk, { ...file, baseBytes, check })
  if (file.brokenAt !== undefined) {
    const fd = openSync(file.path, 'r+')
    try {
      disk.truncate(fd, file.length)
      await disk.sync(fd)
    } finally {
      closeSync(fd)
    }
  }
  return journal
}

/** Removes a journal that is no longer needed. */
export function removeJournal(path: string): void {
  rmSync(path, { force: true })
}

function openJournal(
  disk: Disk,
  from: { path: string; base: number; length: number; baseBytes: number; check: Buffer },
): Journal {
  const { path, base, baseBytes } = from
  const fd = openSync(path, 'r+')
  let { length } = from
  let last: Buffer = Buffer.from(from.check)
  return {
    base,
    path,
    baseBytes,
    get length() {
      return length
    },
    async append(payload) {
      const record = encode(payload, last)
      try {
        disk.write(fd, record, length)
      } catch (error) {
        // What was written of it must not stay in front of the next record.
        disk.truncate(fd, length)
        throw Object.assign(new Error('the journal could not be written', { cause: error }), {
          nothingWritten: true,
        })
      }
      await disk.sync(fd)
      last = Buffer.from(record[0]!.subarray(4))
      length += record.reduce((sum, piece) => sum + piece.length, 0)
    },
    close: () => closeSync(fd),
  }
}

function encode(payload: Buffer[], before: Buffer): Buffer[] {
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES)
  prefix.writeUInt32BE(payload.reduce((sum, piece) => sum + piece.length, 0))
  checkOf(before, payload).copy(prefix, 4)
  return [prefix, ...payload]
}

function checkOf(before: Buffer, payload: Buffer[]): Buffer {
  const hash = createHash('sha256').update(before)
  for (const piece of payload) hash.update(piece)
  return hash.digest().subarray(0, CHECK_BYTES)
}

function readJournal(path: string, base: number): JournalFile {
  const bytes = readFileSync(path)
  const records: Buffer[] = []
  let at = 0
  let check: Buffer = Buffer.alloc(0)
  while (at < bytes.length) {
    const length = at + PREFIX_BYTES <= bytes.length ? bytes.readUInt32BE(at) : LENGTH_LIMIT_BYTES
    const end = at + PREFIX_BYTES + length
    if (end > bytes.length) break
    const payload = bytes.subarray(at + PREFIX_BYTES, end)
    check = checkOf(check, [payload])
    if (!check.equals(bytes.subarray(at + 4, at + PREFIX_BYTES))) break
    records.push(payload)
    at = end
  }
  const brokenAt = at < bytes.length ? at : undefined
  return {
    base,
    path,
    records,
    length: at,
    brokenAt,
    goesOn: brokenAt !== undefined && goesOn(bytes, at, check),
  }
}

/** Whether the record after the one at `at` is good, by the check that stands there or by the one that should. */
function goesOn(bytes: Buffer, at: number, expected: Buffer): boolean {
  if (at + PREFIX_BYTES > bytes.length) return false
  const next = at + PREFIX_BYTES + bytes.readUInt32BE(at)
  const end = next + PREFIX_BYTES <= bytes.length ? next + PREFIX_BYTES + bytes.readUInt32BE(next) : Infinity
  if (end > bytes.length) return false
  const payload = bytes.subarray(next + PREFIX_BYTES, end)
  const found = bytes.subarray(next + 4, next + PREFIX_BYTES)
  return [bytes.subarray(at + 4, at + PREFIX_BYTES), expected].some((before) =>
    checkOf(before, [payload]).equals(found),
  )
}
