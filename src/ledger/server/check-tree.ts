import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createGrowingTree } from '../tree/growing-tree.ts'
import { HASH_BYTES, leafHash, perfectRoot } from '../tree/hash.ts'
import { partialTiles, TILE_WIDTH, type Tile, tilePath } from '../tree/tile-path.ts'
import { splitBundle, type TreeEdges } from '../tree/tile-store.ts'
import { parseLeaf } from './entry.ts'
import type { FsckStep } from './finding.ts'

const PROGRESS_EVERY = 16_384

/** What the entries say about the sealed events. */
export type Owed = {
  /** How many events each `<region>/<subject>` must have sealed, and the sum of their indices. */
  bySubject: Map<string, { count: number; sum: bigint }>
  /** Entries that are not what was committed, so that no sealed event can be compared with them. */
  unknown: Set<number>
}

/** The files at the tree's right edge, which a growing log soon replaces: read at once, by their paths. */
export function readEdgeFiles(tree: string, size: number): Map<string, Buffer> {
  return new Map(
    [...partialTiles(size).map(tilePath), 'checkpoint', 'vkey'].flatMap((path) => {
      const bytes = readIfThere(() => readFileSync(join(tree, path)))
      return bytes ? [[path, bytes] as const] : []
    }),
  )
}

/**
 * Recomputes the tree from the entries on disk and compares every tile and bundle; of two files that disagree, the one
 * that the level above contradicts is named. Returns the root, unless something is missing without which there is none.
 */
export async function* checkTree(given: {
  folder: string
  /** The tree as the log remembers it; its right edge is known without reading. */
  edges: TreeEdges
  edgeFiles: Map<string, Buffer>
  owed: Owed
}): AsyncGenerator<FsckStep, Buffer | undefined> {
  const { folder, edges, edgeFiles, owed } = given
  const { size } = edges
  const found = (path: string, what: string, index?: number): FsckStep => ({
    step: 'finding',
    finding: { place: `tree/${path}`, what, ...(index === undefined ? {} : { index }) },
  })
  const fileOf = async (tile: Tile): Promise<Buffer | undefined> => {
    const path = tilePath(tile)
    return tile.width < TILE_WIDTH
      ? edgeFiles.get(path)
      : readFile(join(folder, path)).catch((error) => readIfThere(() => rethrow(error)))
  }
  /** The hash that the level above holds for a full tile of level 0: from memory, or from the disk. */
  const hashAbove = async (index: number): Promise<Buffer | undefined> => {
    const [parent, at] = [Math.floor(index / TILE_WIDTH), (index % TILE_WIDTH) * HASH_BYTES]
    const edge = edges.edges[1]
    const isEdge = edge?.index === parent
    const bytes = isEdge ? edge.bytes : await fileOf({ level: 1, index: parent, width: TILE_WIDTH })
    return bytes?.subarray(at, at + HASH_BYTES)
  }

  const tree = createGrowingTree()
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const [index, width] = [first / TILE_WIDTH, Math.min(TILE_WIDTH, size - first)]
    const [bundle, tile]: [Tile, Tile] = [
      { level: 'entries', index, width },
      { level: 0, index, width },
    ]
    const leaves = split(await fileOf(bundle))
    const fromEntries =
      leaves?.length === width ? Buffer.concat(leaves.map((leaf) => leafHash(leaf))) : undefined
    const stored = await fileOf(tile)
    const fromTile = stored?.length === width * HASH_BYTES ? stored : undefined
    let row: Buffer | undefined = fromEntries && fromTile?.equals(fromEntries) ? fromEntries : undefined
    if (!row && width < TILE_WIDTH) row = edges.edges[0]!.bytes.subarray(0, width * HASH_BYTES)
    if (!row) {
      const above = await hashAbove(index)
      row = [fromEntries, fromTile].find((one) => one && above?.equals(perfectRoot(one, TILE_WIDTH)))
    }
    const entriesDiffer = differs(fromEntries, row)
    if (!leaves) yield found(tilePath(bundle), 'is missing, or does not end with a whole entry', first)
    else if (!fromEntries)
      yield found(tilePath(bundle), `holds ${leaves.length} entries, not ${width}`, first)
    else if (entriesDiffer !== undefined)
      yield found(tilePath(bundle), 'this entry is not the one in the tree', first + entriesDiffer)
    const tileDiffers = differs(fromTile, row)
    if (!fromTile) yield found(tilePath(tile), stored ? `has ${stored.length} bytes` : 'is missing', first)
    else if (tileDiffers !== undefined)
      yield found(tilePath(tile), 'this hash is not that of the entry', first + tileDiffers)
    if (!row && fromEntries && fromTile)
      for (const one of [bundle, tile])
        yield found(
          tilePath(one),
          'entries and hashes differ, and neither agrees with the level above',
          first,
        )
    for (let i = 0; i < width; i++) {
      const leaf = leaves?.[i]
      const header = leaf && parseLeaf(leaf)
      if (!header || !row || !leafHash(leaf).equals(row.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)))
        owed.unknown.add(first + i)
      if (header) owe(owed, `${header.region}/${header.subject}`, first + i)
      // Told already where the entry differs from its hash.
      else if (entriesDiffer === undefined && fromEntries)
        yield found(tilePath(bundle), 'holds a leaf that is not well formed', first + i)
    }
    const known = row ?? fromEntries ?? fromTile
    if (!known) return undefined
    const full: { tile: Tile; bytes: Buffer }[] = []
    tree.append(Buffer.from(known), (level, number, bytes) => {
      if (level > 0)
        full.push({ tile: { level, index: number, width: TILE_WIDTH }, bytes: Buffer.from(bytes) })
    })
    for (const { tile: upper, bytes } of full) {
      const what = whatDiffers(await fileOf(upper), bytes)
      if (what) yield found(tilePath(upper), what)
    }
    if (first % PROGRESS_EVERY === 0) yield { step: 'progress', checkedEntries: first, size }
  }
  for (const [level, edge] of tree.edges.entries()) {
    if (edge.width === 0 || level === 0) continue
    const tile = { level, index: edge.index, width: edge.width }
    const what = whatDiffers(await fileOf(tile), edge.bytes.subarray(0, edge.width * HASH_BYTES))
    if (what) yield found(tilePath(tile), what)
  }
  return tree.root()
}

function owe({ bySubject }: Owed, name: string, index: number): void {
  const { count, sum } = bySubject.get(name) ?? { count: 0, sum: 0n }
  bySubject.set(name, { count: count + 1, sum: sum + BigInt(index) })
}

/** Which hash is the first to differ; undefined when none does, or one of the two is not known. */
function differs(hashes: Buffer | undefined, right: Buffer | undefined): number | undefined {
  if (!hashes || !right || hashes.equals(right)) return undefined
  let at = 0
  while (hashes[at] === right[at]) at++
  return Math.floor(at / HASH_BYTES)
}

function whatDiffers(bytes: Buffer | undefined, want: Buffer): string | undefined {
  if (!bytes) return 'is missing'
  if (bytes.length !== want.length) return `has ${bytes.length} bytes instead of ${want.length}`
  const at = differs(bytes, want)
  return at === undefined ? undefined : `hash ${at} is not the root of the tile below it`
}

function split(bytes: Buffer | undefined): Buffer[] | undefined {
  try {
    return bytes && splitBundle(bytes)
  } catch {
    return undefined
  }
}

function readIfThere(read: () => Buffer): Buffer | undefined {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function rethrow(error: unknown): never {
  throw error
}
