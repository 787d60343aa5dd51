import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyPlace, KeyStore } from '../../drivers/kms/contract/key-store.ts'
import { isAppError } from '../../kernel/errors.ts'
import {
  decodeSegmentHeader,
  frameAt,
  openFrame,
  SEGMENT_HEADER_READ_BYTES,
  type SealedRecord,
  type SegmentHeader,
  type SegmentKey,
  segmentKeyOf,
} from './format.ts'
import { type Head, placeKey, segmentPath } from './writers.ts'

const CHUNK_BYTES = 1024 * 1024
const CACHED_INDEXES = 64
const CACHED_FRAMES = 32
const CACHED_LISTS = 1024

/** Where the frames of a segment lie; the four lists run in parallel. `readTo` is where the next frame would begin. */
type FrameIndex = {
  path: string
  header: SegmentHeader
  raw: Buffer
  key: SegmentKey | undefined
  first: number[]
  last: number[]
  at: number[]
  end: number[]
  readTo: number
}

/** A frame's records, or why there are none: the key was destroyed. */
export type OpenedFrame = { erased: false; records: SealedRecord[] } | { erased: true }

/** Reads sealed segments; only what is committed is seen. */
export type SegmentReaders = {
  /** The first indices of a subject's segments, in order. */
  segmentsOf(place: KeyPlace): Promise<number[]>
  /** The frames of a segment by the range of indices of each, the version of its key, and the byte after the last frame. */
  frames(
    place: KeyPlace,
    segment: number,
  ): Promise<{ first: number[]; last: number[]; keyVersion: number; readTo: number }>
  /** Opens one frame. AppError `forbidden` when it was altered. */
  openFrame(place: KeyPlace, segment: number, frame: number): Promise<OpenedFrame>
  /** The sealed record of one entry; undefined when its segment does not hold it. */
  find(place: KeyPlace, index: number): Promise<SealedRecord | 'erased' | undefined>
}

/** Readers over the folder of regions; `headOf` tells where a subject's newest segment ends. */
export function createSegmentReaders(given: {
  folder: string
  keys: KeyStore
  headOf: (place: KeyPlace) => Head | undefined
}): SegmentReaders {
  const { folder, keys, headOf } = given
  const indexes = new Map<string, FrameIndex>()
  const opened = new Map<string, SealedRecord[]>()
  const lists = new Map<string, number[]>()

  async function indexOf(place: KeyPlace, segment: number): Promise<FrameIndex> {
    const path = join(folder, segmentPath({ ...place, first: segment }))
    const head = headOf(place)
    const limit = head?.first === segment ? head.length : Number.POSITIVE_INFINITY
    const known = indexes.get(path)
    if (known && known.readTo >= limit) return known
    const file = await open(path, 'r')
    try {
      const index = known ?? (await beginIndex(file, path))
      await extendIndex(index, file, limit)
      remember(indexes, path, index, CACHED_INDEXES)
      return index
    } finally {
      await file.close()
    }
  }

  async function keyOf(place: KeyPlace, index: FrameIndex): Promise<SegmentKey | undefined> {
    const { header, raw } = index
    // Looked for each time, so that a destroyed key takes with it what was opened before.
    if (!keys.has(place, header.keyVersion)) return undefined
    if (index.key) return index.key
    try {
      const key = await keys.get(place, header.keyVersion)
      if (key?.keyId !== header.keyId) return undefined
      index.key = segmentKeyOf(key, header, raw)
      return index.key
    } catch (error) {
      if (isAppError(error, 'gone')) return undefined
      throw error
    }
  }

  async function openOne(place: KeyPlace, segment: number, frame: number): Promise<OpenedFrame> {
    const index = await indexOf(place, segment)
    const key = await keyOf(place, index)
    if (!key) return { erased: true }
    const name = `${index.path}/${frame}`
    let records = opened.get(name)
    if (!records) {
      const file = await open(index.path, 'r')
      try {
        const at = index.at[frame]!
        const bytes = Buffer.allocUnsafe(index.end[frame]! - at)
        const { bytesRead } = await file.read(bytes, 0, bytes.length, at)
        records = openFrame(key, bytes.subarray(0, bytesRead))
      } finally {
        await file.close()
      }
      remember(opened, name, records, CACHED_FRAMES)
    }
    return { erased: false, records }
  }

  async function segmentsOf(place: KeyPlace): Promise<number[]> {
    const head = headOf(place)
    if (!head) return []
    const known = lists.get(placeKey(place))
    // Segments only come by a new head.
    if (known?.at(-1) === head.first) return known
    // Of a folder that is gone there is nothing, which whoever counts will miss.
    const names = await readdir(join(folder, placeKey(place))).catch(emptyIfGone)
    const firsts = names.flatMap((name) => {
      const first = /^(\d{16})\.seg$/.exec(name)?.[1]
      return first === undefined ? [] : [Number(first)]
    })
    const list = firsts.filter((first) => first <= head.first).sort((a, b) => a - b)
    remember(lists, placeKey(place), list, CACHED_LISTS)
    return list
  }

  return {
    segmentsOf,
    async frames(place, segment) {
      const { first, last, header, readTo } = await indexOf(place, segment)
      return { first, last, keyVersion: header.keyVersion, readTo }
    },
    openFrame: openOne,
    async find(place, index) {
      const segment = (await segmentsOf(place)).findLast((first) => first <= index)
      if (segment === undefined) return undefined
      const { first, last } = await indexOf(place, segment)
      const frame = lastAtMost(first, index)
      if (frame < 0 || last[frame]! < index) return undefined
      const frameOpened = await openOne(place, segment, frame)
      if (frameOpened.erased) return 'erased'
      return frameOpened.records.find((record) => record.index === index)
    },
  }
}

/** Place of the last number that is at most `wanted` in a rising list; −1 when there is none. */
export function lastAtMost(rising: number[], wanted: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rising[middle]! <= wanted) low = middle + 1
    else high = middle
  }
  return low - 1
}

async function beginIndex(file: FileHandle, path: string): Promise<FrameIndex> {
  const start = Buffer.alloc(SEGMENT_HEADER_READ_BYTES)
  const { bytesRead } = await file.read(start, 0, start.length, 0)
  const { header, raw } = decodeSegmentHeader(start.subarray(0, bytesRead))
  return { path, header, raw, key: undefined, first: [], last: [], at: [], end: [], readTo: raw.length }
}

async function extendIndex(index: FrameIndex, file: FileHandle, limit: number): Promise<void> {
  let size = CHUNK_BYTES
  while (index.readTo < limit) {
    const chunk = Buffer.allocUnsafe(Math.min(size, limit - index.readTo))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, index.readTo)
    const bytes = chunk.subarray(0, bytesRead)
    const offset = index.readTo
    for (let frame = frameAt(bytes, 0, offset); frame; frame = frameAt(bytes, frame.end - offset, offset)) {
      index.first.push(frame.first)
      index.last.push(frame.last)
      index.at.push(frame.at)
      index.end.push(frame.end)
      index.readTo = frame.end
    }
    if (index.readTo > offset) continue
    // Not one whole frame in it: at the end of the file, or a frame larger than the chunk.
    if (bytesRead < chunk.length || chunk.length === limit - offset) return
    size *= 4
  }
}

function emptyIfGone(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}

function remember<T>(cache: Map<string, T>, name: string, value: T, limit: number): void {
  cache.delete(name)
  cache.set(name, value)
  if (cache.size > limit) cache.delete(cache.keys().next().value!)
}
