import { hashSizeBytes } from '../merkle/hash.ts'
import type { Findings } from './findings.ts'
import { type TileName, tilePath } from './layout.ts'
import { readTile } from './tree-folder.ts'

/** The hashes of a tile as stored, as many as can be used; the file they were read from. */
export type HashTile = { file: string; present: boolean; hashes: (Buffer | undefined)[] }

/** Reads a tile of hashes and reports a wrong length; of a damaged file, the whole hashes it still has are used. */
export function readHashTile(tree: string, tile: TileName & { level: number }, findings: Findings): HashTile {
  const read = readTile(tree, tile, findings)
  const hashes: (Buffer | undefined)[] = new Array(tile.width).fill(undefined)
  if (read === undefined) return { file: tilePath(tile), present: false, hashes }
  const expectedBytes = read.width * hashSizeBytes
  if (read.bytes.length !== expectedBytes)
    findings.add({
      severity: 'damage',
      code: 'file_length',
      file: read.file,
      offset: Math.min(read.bytes.length, expectedBytes),
      found: `${read.bytes.length} bytes`,
      expected: `${expectedBytes} bytes`,
      message: read.bytes.length < expectedBytes ? 'the tile is cut short' : 'the tile is too long',
    })
  for (let i = 0; i < tile.width && (i + 1) * hashSizeBytes <= read.bytes.length; i++)
    hashes[i] = read.bytes.subarray(i * hashSizeBytes, (i + 1) * hashSizeBytes)
  return { file: read.file, present: true, hashes }
}
