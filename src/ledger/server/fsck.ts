import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAppError } from '../../kernel/errors.ts'
import { segmentPath } from '../segments/writers.ts'
import { openCheckpoint } from '../tree/checkpoint.ts'
import { createGrowingTree } from '../tree/growing-tree.ts'
import { HASH_BYTES, leafHash } from '../tree/hash.ts'
import { TILE_WIDTH, tilePath } from '../tree/tile-path.ts'
import { readCheckpointFile, splitBundle } from '../tree/tile-store.ts'
import { parseLeaf } from './entry.ts'
import type { Log } from './log.ts'
import { foldersOf } from './recover.ts'

/** One thing that is wrong, and where: a path below the log's folder, and the entry's index when it is about one. */
export type Finding = { place: string; index?: number; what: string }

/** Progress, then the result as the last value. */
export type FsckStep =
  | { step: 'progress'; checkedEntries: number; size: number }
  | { step: 'finding'; finding: Finding }
  | { step: 'done'; size: number; root: string; sealedEvents: number; erasedFrames: number; findings: number }

const PROGRESS_EVERY = 16_384

/**
 * Reads everything with fresh eyes, from disk: the root from the raw entries, every tile, the checkpoint, and each
 * commitment against its sealed event where the key still exists.
 */
export async function* fsck(log: Log): AsyncGenerator<FsckStep> {
  log.publish()
  const folders = foldersOf(log.folder)
  const { size, root } = log.head()
  let findings = 0
  const found = (place: string, what: string, index?: number): FsckStep => {
    findings++
    return { step: 'finding', finding: { place, what, ...(index === undefined ? {} : { index }) } }
  }

  const tree = createGrowingTree()
  const owed = new Map<string, { count: number; sum: bigint }>()
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, size - first)
    const bundleTile = { level: 'entries' as const, index: first / TILE_WIDTH, width }
    const bytes = await fromDisk(folders.tree, tilePath(bundleTile))
    const leaves = bytes ? split(bytes) : undefined
    const place = `tree/${tilePath(bundleTile)}`
    if (!leaves || leaves.length !== width) {
      yield found(place, !bytes ? 'is missing' : `does not hold ${width} whole entries`, first)
      yield { step: 'done', size, root: '', sealedEvents: 0, erasedFrames: 0, findings }
      return
    }
    for (const [i, leaf] of leaves.entries()) {
      const header = parseLeaf(leaf)
      if (!header) yield found(place, 'holds a leaf that is not well formed', first + i)
      else {
        const name = `${header.region}/${header.subject}`
        const sum = owed.get(name) ?? { count: 0, sum: 0n }
        owed.set(name, { count: sum.count + 1, sum: sum.sum + BigInt(first + i) })
      }
    }
    const full: { level: number; index: number; bytes: Buffer }[] = []
    const hashes = Buffer.concat(leaves.map((leaf) => leafHash(leaf)))
    tree.append(hashes, (level, index, tile) => full.push({ level, index, bytes: Buffer.from(tile) }))
    for (const { level, index, bytes: want } of full) {
      const tile = { level, index, width: TILE_WIDTH }
      const [at, what] = differs(await fromDisk(folders.tree, tilePath(tile)), want)
      if (what) yield found(`tree/${tilePath(tile)}`, what, level === 0 ? index * TILE_WIDTH + at : undefined)
    }
    if (first % PROGRESS_EVERY === 0) yield { step: 'progress', checkedEntries: first, size }
  }
  for (const [level, edge] of tree.edges.entries()) {
    if (edge.width === 0) continue
    const tile = { level, index: edge.index, width: edge.width }
    const bytes = await fromDisk(folders.tree, tilePath(tile))
    const [at, what] = differs(bytes, edge.bytes.subarray(0, edge.width * HASH_BYTES))
    if (what)
      yield found(`tree/${tilePath(tile)}`, what, level === 0 ? edge.index * TILE_WIDTH + at : undefined)
  }
  const rebuilt = tree.root()
  if (!rebuilt.equals(root)) yield found('tree', `the entries give another root than the one kept in memory`)
  const signed = openCheckpoint(readCheckpointFile(folders.tree) ?? '', log.signer.vkey)
  if (!signed) yield found('tree/checkpoint', 'is not signed by the key of this log')
  else if (signed.size === size && !signed.root.equals(rebuilt))
    yield found('tree/checkpoint', 'names another root than the entries give')

  let sealedEvents = 0
  let erasedFrames = 0
  for (const place of log.places()) {
    const due = owed.get(`${place.region}/${place.subject}`) ?? { count: 0, sum: 0n }
    owed.delete(`${place.region}/${place.subject}`)
    const have = { count: 0, sum: 0n }
    let erased = false
    for (const segment of await log.segments.segmentsOf(place)) {
      const path = `regions/${segmentPath({ ...place, first: segment })}`
      let frames = 0
      try {
        frames = (await log.segments.frames(place, segment)).first.length
      } catch (error) {
        yield found(path, `cannot be read: ${(error as Error).message}`)
      }
      for (let frame = 0; frame < frames; frame++) {
        try {
          const opened = await log.segments.openFrame(place, segment, frame)
          if (opened.erased) {
            erased = true
            erasedFrames++
            continue
          }
          for (const { index, salt, event } of opened.records) {
            if (index >= size) continue
            have.count++
            have.sum += BigInt(index)
            const leaf = (await log.tiles.entries(Math.floor(index / TILE_WIDTH)))[index % TILE_WIDTH]
            const commitment = createHash('sha256').update(salt).update(event).digest('hex')
            if (leaf && parseLeaf(leaf)?.c !== commitment)
              yield found(path, 'the event is not the one committed to', index)
            sealedEvents++
          }
        } catch (error) {
          if (!isAppError(error) && !(error instanceof RangeError)) throw error
          yield found(path, `frame ${frame} does not open: it was altered`)
        }
        if (frame % 256 === 255) yield { step: 'progress', checkedEntries: size, size }
      }
    }
    if (!erased && (have.count !== due.count || have.sum !== due.sum))
      yield found(
        `regions/${place.region}/${place.subject}`,
        `holds ${have.count} of ${due.count} sealed events`,
      )
  }
  for (const [name, { count }] of owed) yield found(`regions/${name}`, `holds none of ${count} sealed events`)
  yield { step: 'done', size, root: rebuilt.toString('hex'), sealedEvents, erasedFrames, findings }
}

async function fromDisk(folder: string, path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(join(folder, path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function split(bytes: Buffer): Buffer[] | undefined {
  try {
    return splitBundle(bytes)
  } catch {
    return undefined
  }
}

/** Which hash of a tile is the first to differ, and what to say; no text when they are equal. */
function differs(bytes: Buffer | undefined, want: Buffer): [number, string | undefined] {
  if (!bytes) return [0, 'is missing']
  if (bytes.length !== want.length) return [0, `has ${bytes.length} bytes instead of ${want.length}`]
  if (bytes.equals(want)) return [0, undefined]
  let at = 0
  while (bytes[at] === want[at]) at++
  return [Math.floor(at / HASH_BYTES), `byte ${at} differs from what the entries give`]
}
