import { mkdirSync, statfsSync } from 'node:fs'
import type { KeyStore } from '../../drivers/kms/contract/key-store.ts'
import type { Clock } from '../../kernel/clock.ts'
import { AppError, isAppError } from '../../kernel/errors.ts'
import { type Disk, systemDisk } from '../disk.ts'
import { createSegmentReaders, type SegmentReaders } from '../segments/readers.ts'
import { createSegmentWriters, type Head } from '../segments/writers.ts'
import { type CheckpointSigner, openCheckpoint, type TreeHead } from '../tree/checkpoint.ts'
import { createJournal, type Journal, removeJournal } from '../tree/journal.ts'
import { TILE_STORE_LIMIT_BYTES, type TileStore } from '../tree/tile-store.ts'
import { encodeBase, encodeCommit } from './commit-record.ts'
import { type Answer, forget, type Placed, placeBatch } from './duplicates.ts'
import type { NewEntry } from './entry.ts'
import { framesOf, type Prepared, prepare } from './prepare.ts'
import { foldersOf, recover } from './recover.ts'

/** A journal file is replaced when it has grown to this. */
const JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024
/** Appends are refused while the disk has less room than this, so that what is committed can still be published. */
const FREE_LIMIT_BYTES = 32 * 1024 * 1024
/** Entries and bytes that share one commit, at most (a single batch may be larger). */
const COMMIT_ENTRIES = 20_000
const COMMIT_BYTES = 16 * 1024 * 1024
/** Longest time between a commit and its checkpoint and tiles on disk. */
const PUBLISH_AFTER_MS = 1_000
/** Sealed records of batches that wait for a commit, at most; more are refused until there is room. */
const QUEUE_LIMIT_BYTES = 128 * 1024 * 1024

export type LogState = {
  size: number
  publishedSize: number
  /** When the checkpoint on disk was written; undefined until then. */
  publishedAt: number | undefined
  /** Why appends are refused now; undefined while they are taken. */
  refusing: string | undefined
  /** Why this log must not be written any more, and why its tiles cannot be written now. */
  damage: string | undefined
  publishProblem: string | undefined
  freeBytes: number | undefined
}

/** The open log. One process at a time opens a folder; appends of many callers share commits. */
export type Log = {
  readonly folder: string
  readonly signer: CheckpointSigner
  readonly tiles: TileStore
  readonly segments: SegmentReaders
  readonly keys: KeyStore
  /**
   * Resolves when every entry of the batch is durable, in the batch's order; a batch is wholly in the log or not at all.
   * AppError: `bad_request`, `conflict` (a key was used for another entry), `gone` (the subject's key was destroyed),
   * `log_unavailable` (the disk does not take it; nothing was appended unless the process dies now).
   */
  append(entries: NewEntry[]): Promise<Answer[]>
  /** A signed checkpoint of everything committed. */
  checkpoint(): string
  head(): TreeHead
  /** Subjects with sealed segments. */
  places(): Head[]
  state(): LogState
  /** The journal files in use, oldest first, and how far each is good. */
  journals(): { path: string; length: number }[]
  /** Readers that remember nothing, for who wants to see what is on the disk now. */
  freshReaders(): SegmentReaders
  /** Writes tiles and checkpoint of everything committed now instead of within a second. */
  publish(): void
  close(): Promise<void>
}

type Waiting = {
  prepared: Prepared
  sizeBytes: number
  resolve: (answers: Answer[]) => void
  reject: (error: unknown) => void
}
type Staged = { waiting: Waiting; placed: Placed }

/** Opens (or makes) the log in a folder after recovering it; `step` is called between the steps of a commit, for tests. */
export async function openLog(given: {
  folder: string
  keys: KeyStore
  secret: Buffer
  signer: CheckpointSigner
  clock: Clock
  disk?: Disk
  onProblem?: (message: string, error: unknown) => void
  journalLimitBytes?: number
  freeLimitBytes?: number
  step?: (name: string) => void
}): Promise<Log> {
  const { folder, keys, signer, clock, disk = systemDisk, step = () => {}, onProblem = () => {} } = given
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const folders = foldersOf(folder)
  const recovered = await recover(disk, folder, given)
  const { tiles, published, memory, damage } = recovered
  let { journal, olderJournals } = recovered
  const writers = createSegmentWriters({ disk, folder: folders.regions, keys, heads: recovered.heads })
  const freshReaders = () => createSegmentReaders({ folder: folders.regions, keys, headOf: writers.head })
  const segments = freshReaders()
  const regionOf = new Map(recovered.heads.map(({ subject, region }) => [subject, region]))

  let failure = damage.length === 0 ? undefined : `the log is damaged: ${damage.join('; ')}`
  let publishProblem: string | undefined
  let signed: { size: number; note: string } | undefined
  let publishedSize = -1
  let publishedAt: number | undefined
  let queuedBytes = 0
  let queue: Waiting[] = []
  let committing: Promise<void> | undefined
  let rotating: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const checkpoint = () => {
    if (signed?.size !== tiles.size)
      signed = { size: tiles.size, note: signer.sign({ size: tiles.size, root: tiles.root() }) }
    return signed.note
  }

  // One left by an earlier life was compared when the log was opened.
  const isSigned = (note: Buffer) =>
    note.length === 0 || openCheckpoint(note.toString(), signer.vkey) !== undefined
  const publish = () => {
    clearTimeout(timer)
    timer = undefined
    if (failure !== undefined && publishedSize < 0) return
    // What is there for this size stays as it is, so that a check sees whether somebody changed it.
    if (publishedSize === tiles.size) return
    try {
      step('publish')
      tiles.writeFull()
      step('publish tiles')
      tiles.writePartial(() => {
        step('publish partial')
        published.put('checkpoint', Buffer.from(checkpoint()), isSigned)
      })
      memory.write()
      published.put('vkey', Buffer.from(`${signer.vkey}\n`))
      publishedSize = tiles.size
      publishedAt = clock.now()
      publishProblem = undefined
    } catch (error) {
      publishProblem = `tiles cannot be written: ${(error as Error).message}`
      onProblem('the log cannot write its tiles', error)
      publishSoon()
    }
  }
  const publishSoon = () => {
    if (timer === undefined && !closed) timer = setTimeout(publish, PUBLISH_AFTER_MS)
  }

  const freeBytes = () => {
    try {
      const { bavail, bsize } = statfsSync(folder)
      return bavail * bsize
    } catch {
      return undefined
    }
  }
  const refusing = () => {
    if (failure !== undefined) return failure
    if (closed) return 'the log is closing'
    const free = freeBytes()
    if (free !== undefined && free < (given.freeLimitBytes ?? FREE_LIMIT_BYTES))
      return `the disk has only ${Math.floor(free / 1024)} KiB left`
    if (tiles.waitingBytes > TILE_STORE_LIMIT_BYTES)
      return publishProblem ?? 'tiles cannot be written fast enough'
    return undefined
  }

  const rotateJournal = async () => {
    const before: Journal = journal
    const base = encodeBase({ tree: tiles.edges(), heads: writers.heads() })
    journal = await createJournal(disk, folders.journal, tiles.size, base)
    step('journal made')
    before.close()
    olderJournals = [...olderJournals, before.path]
    rotating = dropOlderJournals().finally(() => {
      rotating = undefined
    })
  }
  const dropOlderJournals = async () => {
    const droppable = olderJournals
    try {
      publish()
      if (publishProblem !== undefined) return
      await tiles.syncWritten()
      await memory.sync()
      step('journal drop')
      for (const path of droppable) removeJournal(path)
      olderJournals = olderJournals.filter((path) => !droppable.includes(path))
    } catch (error) {
      // The older journals stay; the next rotation tries again.
      onProblem('the log cannot make its tiles durable', error)
    }
  }

  const checkPlaces = async ({ groups }: Prepared, begun: Map<string, string>) => {
    for (const place of groups) {
      const region = regionOf.get(place.subject) ?? begun.get(place.subject)
      if (region !== undefined && region !== place.region && place.subject !== 'plane')
        throw new AppError(
          'conflict',
          `The log of ${place.subject} lies in ${region}, not in ${place.region}.`,
          {
            remedy: 'Append with the region that was chosen when the subject was made; it is frozen.',
          },
        )
      await writers.open(place)
      begun.set(place.subject, place.region)
    }
  }

  /** Gives batches their places; those that must wait for this very commit are put back. */
  const stage = async (taken: Waiting[]): Promise<Staged[]> => {
    const staged: Staged[] = []
    const again: Waiting[] = []
    const begun = new Map<string, string>()
    let next = tiles.size
    for (const waiting of taken) {
      try {
        const placed = await placeBatch({ prepared: waiting.prepared, next, memory, tiles, segments, clock })
        if (placed === 'later') {
          again.push(waiting)
          continue
        }
        if (placed.prepared) {
          try {
            await checkPlaces(placed.prepared, begun)
          } catch (error) {
            forget(memory, placed)
            throw error
          }
          next += placed.prepared.entries.length
        }
        staged.push({ waiting, placed })
      } catch (error) {
        waiting.reject(isAppError(error) ? error : unavailable('the keys of the log cannot be used', error))
      }
    }
    queue = [...again, ...queue]
    return staged
  }

  const commit = async (taken: Waiting[]) => {
    const staged = await stage(taken)
    const fresh = staged.filter(({ placed }) => placed.prepared !== undefined)
    if (fresh.length > 0) {
      const refused = refusing()
      try {
        if (refused !== undefined) throw new Error(refused)
        await commitFresh(fresh.map(({ placed }) => placed as Required<Placed>))
      } catch (error) {
        for (const { placed } of fresh) forget(memory, placed)
        for (const { waiting, placed } of staged)
          if (placed.prepared) waiting.reject(unavailable((error as Error).message, error))
          else waiting.resolve(placed.answers)
        return
      }
    }
    for (const { waiting, placed } of staged) waiting.resolve(placed.answers)
  }

  const commitFresh = async (batches: Required<Placed>[]) => {
    const first = tiles.size
    const frames = framesOf(batches)
    step('segments')
    let heads: Head[]
    try {
      heads = await writers.write(frames)
    } catch (error) {
      onProblem('the log cannot write a segment', error)
      throw error
    }
    step('segments synced')
    const pairs = new Uint32Array(batches.reduce((sum, { pairs }) => sum + pairs.length, 0))
    let at = 0
    for (const batch of batches) {
      pairs.set(batch.pairs, at)
      at += batch.pairs.length
    }
    const bundles = batches.map(({ prepared }) => prepared.bundle.bytes)
    try {
      await journal.append(encodeCommit({ first, pairs, heads }, bundles))
    } catch (error) {
      onProblem('the log cannot write its journal', error)
      if ((error as { nothingWritten?: boolean }).nothingWritten === true) writers.undo()
      // Whether the record is durable cannot be known any more; only reading the disk anew tells.
      else failure = 'the journal could not be made durable; the log must be started again'
      throw error
    }
    step('journal synced')
    writers.committed(heads)
    for (const { subject, region } of heads) regionOf.set(subject, region)
    memory.committed(first, pairs)
    for (const { prepared } of batches) tiles.append(prepared.bundle, prepared.hashes)
    step('committed')
  }

  const run = async () => {
    while (queue.length > 0) {
      await commit(take())
      if (publishedSize !== tiles.size) publishSoon()
      // By what it grew: its base record alone may be large. Never at its own base, which would be its own name.
      const grownBytes = tiles.size === journal.base ? 0 : journal.length - journal.baseBytes
      if (grownBytes > (given.journalLimitBytes ?? JOURNAL_LIMIT_BYTES) && !rotating && failure === undefined)
        await rotateJournal().catch((error: unknown) =>
          onProblem('the log cannot begin a new journal', error),
        )
    }
  }
  const take = (): Waiting[] => {
    let entries = 0
    let bytes = 0
    let count = 0
    for (const { prepared, sizeBytes } of queue) {
      if (count > 0 && (entries >= COMMIT_ENTRIES || bytes >= COMMIT_BYTES)) break
      entries += prepared.entries.length
      bytes += sizeBytes
      count++
    }
    return queue.splice(0, count)
  }
  const start = () => {
    committing ??= run().finally(() => {
      committing = undefined
      if (queue.length > 0) start()
    })
  }

  if (failure === undefined) {
    publish()
    if (olderJournals.length > 0) await dropOlderJournals()
  }

  return {
    folder,
    signer,
    tiles,
    segments,
    keys,
    async append(entries) {
      // A full disk refuses at commit only: what is in the log already is answered even then.
      const refused = failure ?? (closed ? 'the log is closing' : undefined)
      if (refused !== undefined) throw unavailable(refused)
      const prepared = prepare(entries, clock.now())
      const sizeBytes = prepared.groups.reduce((sum, { records }) => sum + records.length, 0)
      if (queuedBytes + sizeBytes > QUEUE_LIMIT_BYTES)
        throw new AppError('too_many', 'More is waiting to be logged than the disk takes.', {
          remedy: 'Repeat the same entries, with the same keys, in a second.',
        })
      queuedBytes += sizeBytes
      try {
        return await new Promise<Answer[]>((resolve, reject) => {
          queue.push({ prepared, sizeBytes, resolve, reject })
          start()
        })
      } finally {
        queuedBytes -= sizeBytes
      }
    },
    checkpoint,
    head: () => ({ size: tiles.size, root: tiles.root() }),
    places: () => writers.heads(),
    state: () => ({
      size: tiles.size,
      publishedSize,
      publishedAt,
      refusing: refusing() ?? publishProblem,
      damage: failure,
      publishProblem,
      freeBytes: freeBytes(),
    }),
    journals: () => [
      ...olderJournals.map((path) => ({ path, length: Number.POSITIVE_INFINITY })),
      { path: journal.path, length: journal.length },
    ],
    freshReaders,
    publish,
    async close() {
      closed = true
      while (committing) await committing
      if (failure === undefined) publish()
      clearTimeout(timer)
      await rotating
      writers.close()
      journal.close()
    },
  }
}

function unavailable(reason: string, cause?: unknown): AppError {
  return new AppError('log_unavailable', `The log cannot be written: ${reason}.`, {
    remedy: 'Make room on the disk of the log, or mend it; `borgen log verify` names damage. Then try again.',
    cause,
  })
}
