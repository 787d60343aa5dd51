import { EMPTY_ROOT, HASH_BYTES, hashNodeInto, nodeHash, perfectRoot } from './hash.ts'
import { TILE_WIDTH } from './tile-path.ts'

const TILE_BYTES = TILE_WIDTH * HASH_BYTES

/** The right edge of one level of tiles: `width` hashes (0 … 255) of tile `index`, the first bytes of `bytes`. */
export type Edge = { index: number; width: number; bytes: Buffer }

/** A Merkle tree that only grows, of which memory holds nothing but the right edge: 8 KiB a level of 256. */
export type GrowingTree = {
  readonly size: number
  readonly edges: readonly Edge[]
  /** Adds leaf hashes lying side by side; calls `onFull` with each tile that became full, lower levels first. */
  append(hashes: Buffer, onFull: (level: number, index: number, bytes: Buffer) => void): void
  root(): Buffer
}

/** A tree that goes on from these edges (of a size they make up), or from nothing. */
export function createGrowingTree(
  from: { size: number; edges: Edge[] } = { size: 0, edges: [] },
): GrowingTree {
  let { size } = from
  const edges = from.edges.map((edge) => ({ ...edge, bytes: padded(edge.bytes) }))

  const add = (
    level: number,
    hashes: Buffer,
    onFull: (level: number, index: number, bytes: Buffer) => void,
  ): void => {
    let edge = edges[level]
    if (!edge) {
      edge = { index: 0, width: 0, bytes: Buffer.alloc(TILE_BYTES) }
      edges[level] = edge
    }
    for (let at = 0; at < hashes.length; ) {
      const count = Math.min(TILE_WIDTH - edge.width, (hashes.length - at) / HASH_BYTES)
      hashes.copy(edge.bytes, edge.width * HASH_BYTES, at, at + count * HASH_BYTES)
      edge.width += count
      at += count * HASH_BYTES
      if (edge.width < TILE_WIDTH) return
      const full = edge.bytes
      onFull(level, edge.index, full)
      edge.index++
      edge.width = 0
      edge.bytes = Buffer.alloc(TILE_BYTES)
      add(level + 1, perfectRoot(full, TILE_WIDTH), onFull)
    }
  }

  return {
    get size() {
      return size
    },
    get edges() {
      return edges
    },
    append(hashes, onFull) {
      add(0, hashes, onFull)
      size += hashes.length / HASH_BYTES
    },
    root() {
      // From the right: smaller subtrees first, each joined as the right child of the next larger one.
      let root: Buffer | undefined
      for (const { width, bytes } of edges)
        for (let count = 1, end = width; count < TILE_WIDTH; count *= 2) {
          if ((width & count) === 0) continue
          const left = perfectRoot(bytes.subarray((end - count) * HASH_BYTES, end * HASH_BYTES), count)
          root = root ? nodeHash(left, root) : Buffer.from(left)
          end -= count
        }
      return root ?? EMPTY_ROOT
    },
  }
}

function padded(bytes: Buffer): Buffer {
  const full = Buffer.alloc(TILE_BYTES)
  bytes.copy(full)
  return full
}

/** Root over any number of hashes lying side by side (0 … 256); EMPTY_ROOT for none. */
export function rootOf(hashes: Buffer): Buffer {
  const tree = createGrowingTree()
  if (hashes.length < TILE_BYTES) {
    tree.append(hashes, () => {})
    return tree.root()
  }
  const level = Buffer.from(hashes)
  for (let width = TILE_WIDTH; width > 1; width /= 2)
    for (let i = 0; i < width; i += 2) hashNodeInto(level, i * HASH_BYTES, level, (i / 2) * HASH_BYTES)
  return level.subarray(0, HASH_BYTES)
}
