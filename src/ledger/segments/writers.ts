import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { KeyPlace, KeyStore } from '../../drivers/kms/contract/key-store.ts'
import type { Disk } from '../disk.ts'
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  FRAME_OVERHEAD_BYTES,
  type SegmentKey,
  sealFrame,
  segmentKeyOf,
} from './format.ts'
import { readStart } from './read-start.ts'

/** A segment begins anew before it would grow beyond this. */
export const SEGMENT_LIMIT_BYTES = 64 * 1024 * 1024
/** Files that stay open between commits. */
const OPEN_FILES = 256

/** The committed end of a subject's newest segment. */
export type Head = KeyPlace & { first: number; length: number; frames: number }

/** Events of one subject that go into one frame: encoded records, with the indices of the first and last. */
export type FrameToWrite = KeyPlace & { first: number; last: number; count: number; plaintext: Buffer[] }

type Writer = { fd: number; key: SegmentKey; keyVersion: number; head: Head }

/** Writes frames to the segments of all subjects; nothing counts until the heads it returns are in the journal. */
export type SegmentWriters = {
  /** Makes sure that a subject has a key and its segment is open; AppError `gone` when its key was destroyed. */
  open(place: KeyPlace): Promise<void>
  /** Writes the frames, durably; on any error everything written is undone and the error thrown. */
  write(frames: FrameToWrite[]): Promise<Head[]>
  /** Tells that these heads are committed. */
  committed(heads: Head[]): void
  /** Forgets the frames written since: the commit failed. */
  undo(): void
  head(place: KeyPlace): Head | undefined
  heads(): Head[]
  close(): void
}

export const placeKey = ({ region, subject }: KeyPlace) => `${region}/${subject}`

/** The path of a segment under the folder of regions. */
export function segmentPath(place: KeyPlace & { first: number }): string {
  return join(place.region, place.subject, `${String(place.first).padStart(16, '0')}.seg`)
}

/** Segment writers over the folder of regions, going on from the heads that the journal tells. */
export function createSegmentWriters(given: {
  disk: Disk
  folder: string
  keys: KeyStore
  heads: Head[]
}): SegmentWriters {
  const { disk, folder, keys } = given
  const heads = new Map(given.heads.map((head) => [placeKey(head), head]))
  const writers = new Map<string, Writer>()
  const dataKeys = new Map<string, { keyId: string; version: number; plaintext: Buffer }>()
  let undoings: (() => void)[] = []
  let replaced: Writer[] = []

  const begin = (frame: FrameToWrite): { writer: Writer; header: Buffer } => {
    const key = dataKeys.get(placeKey(frame))!
    const place = { region: frame.region, subject: frame.subject }
    const header = {
      ...place,
      first: frame.first,
      keyId: key.keyId,
      keyVersion: key.version,
      salt: randomBytes(32).toString('hex'),
    }
    const raw = encodeSegmentHeader(header)
    const path = join(folder, segmentPath(header))
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const fd = openSync(path, 'w+', 0o600)
    const head = { ...place, first: frame.first, length: 0, frames: 0 }
    undoings.push(() => {
      closeSync(fd)
      rmSync(path, { force: true })
    })
    return { writer: { fd, key: segmentKeyOf(key, header, raw), keyVersion: key.version, head }, header: raw }
  }

  const closeOldest = () => {
    for (const [name, { fd }] of writers) {
      if (writers.size <= OPEN_FILES) return
      closeSync(fd)
      writers.delete(name)
      dataKeys.delete(name)
    }
  }

  return {
    async open(place) {
      const name = placeKey(place)
      const known = writers.get(name)
      if (known && keys.has(place, known.keyVersion)) {
        // The least recently used are closed first.
        writers.delete(name)
        writers.set(name, known)
        return
      }
      const key = await keys.getOrCreate(place)
      dataKeys.set(name, key)
      const head = heads.get(name)
      if (!head) return
      const path = join(folder, segmentPath(head))
      const { header, raw } = decodeSegmentHeader(readStart(path))
      // A newer key version begins a new segment.
      if (header.keyVersion !== key.version || header.keyId !== key.keyId) return
      writers.set(name, {
        fd: openSync(path, 'r+'),
        key: segmentKeyOf(key, header, raw),
        keyVersion: key.version,
        head,
      })
    },

    async write(frames) {
      const touched: { fd: number; head: Head }[] = []
      const folders = new Set<string>()
      undoings = []
      replaced = []
      try {
        for (const frame of frames) {
          const name = placeKey(frame)
          const size = frame.plaintext.reduce((sum, piece) => sum + piece.length, FRAME_OVERHEAD_BYTES)
          const open = writers.get(name)
          const fits = open !== undefined && open.head.length + size <= SEGMENT_LIMIT_BYTES
          const { writer, header } = fits ? { writer: open, header: undefined } : begin(frame)
          const { head, fd } = writer
          if (fits) undoings.push(() => disk.truncate(fd, head.length))
          const number = head.frames
          const { first, last, count } = frame
          const sealed = sealFrame(writer.key, { first, last, count, number }, frame.plaintext)
          const pieces = header ? [header, ...sealed] : sealed
          disk.write(fd, pieces, head.length)
          const length = head.length + pieces.reduce((sum, piece) => sum + piece.length, 0)
          touched.push({ fd, head: { ...head, length, frames: number + 1 } })
          if (header) {
            for (const parent of ['', frame.region, join(frame.region, frame.subject)])
              folders.add(join(folder, parent))
            const before = open
            writers.set(name, writer)
            if (before) replaced.push(before)
            undoings.push(() => (before ? writers.set(name, before) : writers.delete(name)))
          }
        }
        const synced = await Promise.allSettled([
          ...touched.map(({ fd }) => disk.sync(fd)),
          ...[...folders].map((path) => disk.syncPath(path)),
        ])
        const failed = synced.find((result) => result.status === 'rejected')
        if (failed) throw failed.reason
        return touched.map(({ head }) => head)
      } catch (error) {
        this.undo()
        throw error
      }
    },

    committed(newHeads) {
      undoings = []
      for (const { fd } of replaced) closeSync(fd)
      replaced = []
      for (const head of newHeads) {
        const name = placeKey(head)
        heads.set(name, head)
        const writer = writers.get(name)
        if (writer) writer.head = head
      }
      closeOldest()
    },

    undo() {
      const failed = undoings
      undoings = []
      replaced = []
      for (const undoing of failed.reverse()) undoing()
    },

    head: (place) => heads.get(placeKey(place)),
    heads: () => [...heads.values()],
    close() {
      for (const { fd } of writers.values()) closeSync(fd)
      writers.clear()
    },
  }
}
