import { hash } from 'node:crypto'
import { parseLeaf } from '../leaf/leaf.ts'
import { hashSizeBytes, rootInPlace, sameHash } from '../merkle/hash.ts'
import { breakAt } from './bundle.ts'
import { tilePath, tileWidth } from './layout.ts'
import { bundleLimitBytes, readTreeFile } from './tree-folder.ts'

// Sound tiles are nearly all there are, and nothing has to be told about them: they are read into the same memory again and again.
const tileSizeBytes = tileWidth * hashSizeBytes
const bundleBytes = Buffer.alloc(bundleLimitBytes)
const storedHashes = Buffer.alloc(tileSizeBytes)
const entryHashes = Buffer.alloc(tileSizeBytes)
const leafInput = Buffer.alloc(1 + 512)

/**
 * Says whether a full level-0 tile and its bundle are sound: well-formed, in agreement, and with this root. The answer is
 * how to get their hashes, for use before the next call; undefined means that the tile needs a closer look.
 */
export function quickTile(tree: string, number: number, root: Buffer): (() => Buffer[]) | undefined {
  const bundle = tilePath({ level: 'entries', number, width: tileWidth })
  const entries = readTreeFile(tree, bundle, bundleLimitBytes, bundleBytes)
  if (entries.kind !== 'read' || !hashEntries(entries.bytes)) return undefined
  const file = tilePath({ level: 0, number, width: tileWidth })
  const stored = readTreeFile(tree, file, tileSizeBytes, storedHashes)
  if (stored.kind !== 'read' || !sameHash(stored.bytes, entryHashes)) return undefined
  if (!sameHash(rootInPlace(entryHashes), root)) return undefined
  return () => {
    const hashes = Buffer.from(storedHashes)
    return Array.from({ length: tileWidth }, (_, i) =>
      hashes.subarray(i * hashSizeBytes, (i + 1) * hashSizeBytes),
    )
  }
}

/** Hashes the entries of a bundle; false when they are not exactly 256 well-formed ones. */
function hashEntries(bytes: Buffer): boolean {
  let offset = 0
  for (let i = 0; i < tileWidth; i++) {
    if (breakAt(bytes, offset, i, tileWidth) !== undefined) return false
    const end = offset + 2 + bytes.readUInt16BE(offset)
    if (typeof parseLeaf(bytes.subarray(offset + 2, end)) === 'string') return false
    bytes.copy(leafInput, 1, offset + 2, end)
    const input = leafInput.subarray(0, 1 + end - offset - 2)
    entryHashes.write(hash('sha256', input, 'binary'), i * hashSizeBytes, 'latin1')
    offset = end
  }
  return offset === bytes.length
}
