import { EMPTY_ROOT, HASH_BYTES, nodeHash, perfectRoot } from './hash.ts'
import { TILE_HEIGHT, TILE_WIDTH } from './tile-path.ts'

/** Gives at least `width` hashes of a tile. */
export type ReadHashes = (level: number, index: number, width: number) => Promise<Uint8Array> | Uint8Array

/** Audit path of a leaf in the tree of `size` leaves, sibling first (RFC 6962 §2.1.1); needs 0 ≤ index < size. */
export async function inclusionPath(index: number, size: number, read: ReadHashes): Promise<Buffer[]> {
  const path: Buffer[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    if (index < middle) {
      path.push(await rangeRoot(middle, end, read))
      end = middle
    } else {
      path.push(await rangeRoot(start, middle, read))
      start = middle
    }
  }
  return path.reverse()
}

/** Consistency proof between two sizes (RFC 6962 §2.1.2); needs 0 < from ≤ to; empty when they are equal. */
export async function consistencyPath(from: number, to: number, read: ReadHashes): Promise<Buffer[]> {
  const path: Buffer[] = []
  let start = 0
  let end = to
  // Whether what is left of `from` is still a whole subtree that the verifier knows as its old root.
  let known = true
  while (end > from) {
    const middle = start + largestPowerBelow(end - start)
    if (from <= middle) {
      path.push(await rangeRoot(middle, end, read))
      end = middle
    } else {
      path.push(await rangeRoot(start, middle, read))
      start = middle
      known = false
    }
  }
  if (!known) path.push(await rangeRoot(start, end, read))
  return path.reverse()
}

/** Root of the first `size` leaves. */
export async function rootAt(size: number, read: ReadHashes): Promise<Buffer> {
  return size === 0 ? EMPTY_ROOT : rangeRoot(0, size, read)
}

/** Root of the leaves [start, end), where start is a multiple of the largest power of two that fits. */
async function rangeRoot(start: number, end: number, read: ReadHashes): Promise<Buffer> {
  const count = end - start
  const power = largestPowerBelow(count + 1)
  if (power === count) return subtreeRoot(start, Math.log2(count), read)
  const left = await subtreeRoot(start, Math.log2(power), read)
  return nodeHash(left, await rangeRoot(start + power, end, read))
}

async function subtreeRoot(start: number, height: number, read: ReadHashes): Promise<Buffer> {
  const level = Math.floor(height / TILE_HEIGHT)
  const count = 2 ** (height % TILE_HEIGHT)
  const first = start / TILE_WIDTH ** level
  const offset = first % TILE_WIDTH
  const tile = await read(level, Math.floor(first / TILE_WIDTH), offset + count)
  return Buffer.from(perfectRoot(tile.subarray(offset * HASH_BYTES, (offset + count) * HASH_BYTES), count))
}

/** The largest power of two strictly below n, for n ≥ 2; exact up to 2^53. */
function largestPowerBelow(n: number): number {
  let power = 2 ** Math.floor(Math.log2(n - 1))
  // log2 of numbers beside a large power of two may round.
  if (power >= n) power /= 2
  if (power * 2 < n) power *= 2
  return power
}
