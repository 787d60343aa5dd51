import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Disk } from '../disk.ts'
import { createGrowingTree, type Edge } from './growing-tree.ts'
import { HASH_BYTES } from './hash.ts'
import type { PublishedFiles } from './published-files.ts'
import { hashesOnLevel, parseTilePath, partialTiles, TILE_WIDTH, type Tile, tilePath } from './tile-path.ts'

/** Full tiles kept in memory after they were read. */
const CACHED_TILES = 512
const NOTHING = Buffer.alloc(0)
/** Full tiles may wait for the disk up to this; beyond it appends are refused. */
export const TILE_STORE_LIMIT_BYTES = 256 * 1024 * 1024

/** Leaf data of entries that follow each other, each with its u16 length in front; `ends[i]` is where entry i ends. */
export type Bundle = { bytes: Buffer; ends: Uint32Array }

/** What a tree needs to go on from a size without reading tiles: the right edge of every level, and of the entries. */
export type TreeEdges = { size: number; edges: Edge[]; entries: Buffer }

/** The tree with its leaf data: the right edge in memory, full tiles on disk or waiting to be written. */
export type TileStore = {
  readonly size: number
  /** Bytes of full tiles that wait to be written. */
  readonly waitingBytes: number
  append(bundle: Bundle, hashes: Buffer): void
  root(): Buffer
  edges(): TreeEdges
  /** At least `width` hashes of a tile; throws when the tree is not that large or the file is missing. */
  hashes(level: number, index: number, width: number): Promise<Buffer>
  /** Leaf data of the entries of one bundle that are in the tree, in order. */
  entries(index: number): Promise<Buffer[]>
  /** Content of any tile of any size up to the tree's, full ones as they are on the disk now; undefined beyond it. */
  read(tile: Tile): Promise<Buffer | undefined>
  /** Reads full tiles from the disk again: those kept in memory may have been read while somebody had altered them. */
  forget(): void
  /** Writes waiting full tiles, and remembers them for `syncWritten`. */
  writeFull(): void
  /** Writes the partial tiles of exactly this tree, then `between`, then removes all other partial tiles it knows. */
  writePartial(between: () => void): void
  /** fsyncs every full tile written so far, and the folders. */
  syncWritten(): Promise<void>
}

/** A tile store in `folder` (that of `tile/`), which goes on from the given edges. */
export function openTileStore(given: {
  disk: Disk
  folder: string
  published: PublishedFiles
  from?: TreeEdges
}): TileStore {
  const { disk, folder, published, from } = given
  const tree = createGrowingTree(from)
  let edgeEntries: Buffer[] = from ? [from.entries] : []
  let edgeEnds = from ? endsOf(from.entries) : []
  const waiting = new Map<string, Buffer>()
  let waitingBytes = 0
  let written: string[] = []
  let partial = new Set(knownPartial(folder))
  const cache = new Map<string, Buffer>()

  const wait = (tile: Tile, bytes: Buffer) => {
    const path = tilePath(tile)
    waiting.set(path, bytes)
    waitingBytes += bytes.length
  }
  const fromDisk = async (path: string) => waiting.get(path) ?? (await readFile(join(folder, path)))
  const fullTile = async (path: string): Promise<Buffer> => {
    const known = waiting.get(path) ?? cache.get(path)
    if (known) return known
    const bytes = await fromDisk(path)
    cache.set(path, bytes)
    if (cache.size > CACHED_TILES) cache.delete(cache.keys().next().value!)
    return bytes
  }
  const entryBytes = () => {
    if (edgeEntries.length > 1) edgeEntries = [Buffer.concat(edgeEntries)]
    return edgeEntries[0] ?? Buffer.alloc(0)
  }

  /** What a partial tile left by an earlier process must hold; nothing for one that cannot be of this tree. */
  const expectedPartial = (path: string): Buffer | undefined => {
    const tile = parseTilePath(path)
    const isEntries = tile?.level === 'entries'
    const edge = tree.edges[isEntries ? 0 : Number(tile?.level)]
    if (!tile || !edge || tile.index > edge.index) return NOTHING
    if (tile.index === edge.index && tile.width > edge.width) return NOTHING
    const full = join(folder, tilePath({ ...tile, width: TILE_WIDTH }))
    try {
      const ofEdge = isEntries ? entryBytes() : edge.bytes
      const whole = tile.index === edge.index ? ofEdge : readFileSync(full)
      return whole.subarray(0, isEntries ? endsOf(whole)[tile.width - 1] : tile.width * HASH_BYTES)
    } catch {
      // The full tile is missing or damaged, which a check names.
      return undefined
    }
  }

  const store: TileStore = {
    get size() {
      return tree.size
    },
    get waitingBytes() {
      return waitingBytes
    },
    append({ bytes, ends }, hashes) {
      let at = 0
      let start = 0
      let index = Math.floor(tree.size / TILE_WIDTH)
      while (at < ends.length) {
        const count = Math.min(TILE_WIDTH - edgeEnds.length, ends.length - at)
        const end = ends[at + count - 1]!
        const before = edgeEnds.at(-1) ?? 0
        edgeEntries.push(bytes.subarray(start, end))
        for (let i = at; i < at + count; i++) edgeEnds.push(before + ends[i]! - start)
        at += count
        start = end
        if (edgeEnds.length < TILE_WIDTH) break
        wait({ level: 'entries', index, width: TILE_WIDTH }, Buffer.concat(edgeEntries))
        edgeEntries = []
        edgeEnds = []
        index++
      }
      tree.append(hashes, (level, tile, full) => wait({ level, index: tile, width: TILE_WIDTH }, full))
    },
    root: () => tree.root(),
    edges: () => ({
      size: tree.size,
      edges: tree.edges.map((edge) => ({
        ...edge,
        bytes: Buffer.from(edge.bytes.subarray(0, edge.width * HASH_BYTES)),
      })),
      entries: entryBytes(),
    }),
    async hashes(level, index, width) {
      const edge = tree.edges[level]
      if (edge && edge.index === index && edge.width >= width) return edge.bytes
      if (!edge || index >= edge.index) throw new Error(`tile ${level}/${index} is not ${width} wide`)
      const path = tilePath({ level, index, width: TILE_WIDTH })
      const bytes = await fullTile(path)
      if (bytes.length !== TILE_WIDTH * HASH_BYTES) throw new Error(`${path} has ${bytes.length} bytes`)
      return bytes
    },
    async entries(index) {
      const full = Math.floor(tree.size / TILE_WIDTH)
      if (index > full) return []
      const bytes =
        index === full
          ? entryBytes()
          : await fullTile(tilePath({ level: 'entries', index, width: TILE_WIDTH }))
      return splitBundle(bytes)
    },
    async read({ level, index, width }) {
      const total = hashesOnLevel(tree.size, level === 'entries' ? 0 : level)
      if (index * TILE_WIDTH + width > total) return undefined
      const edge = tree.edges[level === 'entries' ? 0 : level]
      const isFull = edge === undefined || index < edge.index
      const ofEdge = () => (level === 'entries' ? entryBytes() : Buffer.from(edge!.bytes))
      const bytes = isFull ? await fromDisk(tilePath({ level, index, width: TILE_WIDTH })) : ofEdge()
      if (width === TILE_WIDTH) return bytes
      return bytes.subarray(0, level === 'entries' ? endsOf(bytes)[width - 1] : width * HASH_BYTES)
    },
    forget: () => cache.clear(),
    writeFull() {
      for (const [path, bytes] of waiting) {
        published.put(path, bytes)
        written.push(path)
        waiting.delete(path)
        waitingBytes -= bytes.length
      }
    },
    writePartial(between) {
      const now = new Set<string>()
      for (const tile of partialTiles(tree.size)) {
        const path = tilePath(tile)
        now.add(path)
        const bytes =
          tile.level === 'entries'
            ? entryBytes()
            : tree.edges[tile.level]!.bytes.subarray(0, tile.width * HASH_BYTES)
        published.put(path, Buffer.from(bytes))
      }
      between()
      for (const path of partial) if (!now.has(path)) published.remove(path, () => expectedPartial(path))
      partial = now
    },
    async syncWritten() {
      const paths = written
      written = []
      const folders = new Set<string>()
      try {
        for (let at = 0; at < paths.length; at += 64)
          await Promise.all(paths.slice(at, at + 64).map((path) => disk.syncPath(join(folder, path))))
        for (const path of paths)
          for (
            let parent = dirname(join(folder, path));
            parent.length >= folder.length;
            parent = dirname(parent)
          )
            folders.add(parent)
        for (const parent of folders) await disk.syncPath(parent)
      } catch (error) {
        written = [...paths, ...written]
        throw error
      }
    },
  }
  return store
}

/** Leaf data of each entry of a bundle; throws when the bytes do not end with an entry. */
export function splitBundle(bytes: Buffer): Buffer[] {
  const leaves: Buffer[] = []
  let start = 0
  for (const end of endsOf(bytes)) {
    leaves.push(bytes.subarray(start + 2, end))
    start = end
  }
  return leaves
}

/** Where each entry of a bundle ends. */
export function endsOf(bytes: Buffer): number[] {
  const ends: number[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 2 > bytes.length) throw new Error(`a length is cut short at byte ${at}`)
    at += 2 + bytes.readUInt16BE(at)
    if (at > bytes.length) throw new Error(`an entry is cut short at byte ${bytes.length}`)
    ends.push(at)
  }
  return ends
}

/** Partial tiles on disk: all but those at the right edge are left over from a crash. */
function knownPartial(folder: string): string[] {
  const root = join(folder, 'tile')
  if (!existsSync(root)) return []
  const found: string[] = []
  for (const level of readdirSync(root)) {
    const walk = (path: string, isLast: boolean) => {
      const names = readdirSync(join(folder, path)).sort()
      for (const name of names) {
        // Where earlier versions wrote before renaming.
        if (name.endsWith('.tmp')) rmSync(join(folder, path, name), { force: true })
        else if (name.endsWith('.p'))
          for (const width of readdirSync(join(folder, path, name)))
            if (width.endsWith('.tmp')) rmSync(join(folder, path, name, width), { force: true })
            else found.push(`${path}/${name}/${width}`)
      }
      const deeper = names.filter((name) => /^x\d{3}$/.test(name)).at(-1)
      if (isLast && deeper) walk(`${path}/${deeper}`, true)
    }
    walk(`tile/${level}`, true)
  }
  return found
}

/** Content of the checkpoint on disk; undefined when there is none. */
export function readCheckpointFile(folder: string): string | undefined {
  const path = join(folder, 'checkpoint')
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
