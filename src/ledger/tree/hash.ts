import { hash } from 'node:crypto'

/** Bytes of every hash in the tree: SHA-256. */
export const HASH_BYTES = 32

/** Root of the empty tree: SHA-256 of nothing. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer')

// One scratch buffer for a node: hashing into a latin1 string and back is three times as fast as allocating a Buffer.
const node = Buffer.alloc(1 + 2 * HASH_BYTES)
node[0] = 1

/** RFC 6962 leaf hash: SHA-256(0x00 ‖ leaf data). */
export function leafHash(leaf: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(1 + leaf.length)
  bytes[0] = 0
  bytes.set(leaf, 1)
  return hash('sha256', bytes, 'buffer')
}

/** RFC 6962 node hash: SHA-256(0x01 ‖ left ‖ right), both of 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1)
  node.set(right, 1 + HASH_BYTES)
  return hash('sha256', node, 'buffer')
}

/**
 * Writes the node hash of two hashes lying side by side in `from` to `to`; nothing is allocated. The two may overlap.
 */
export function hashNodeInto(from: Buffer, at: number, to: Buffer, toAt: number): void {
  from.copy(node, 1, at, at + 2 * HASH_BYTES)
  to.write(hash('sha256', node, 'binary'), toAt, 'binary')
}

/** Root of the perfect tree over `count` (a power of two, up to 256) hashes that lie side by side. */
export function perfectRoot(hashes: Uint8Array, count: number): Buffer {
  const level = Buffer.from(hashes.subarray(0, count * HASH_BYTES))
  for (let width = count; width > 1; width /= 2)
    for (let i = 0; i < width; i += 2) hashNodeInto(level, i * HASH_BYTES, level, (i / 2) * HASH_BYTES)
  return level.subarray(0, HASH_BYTES)
}
