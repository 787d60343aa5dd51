import { leafHash, nodeHash } from '../../../../verify/src/index.ts'
import type { Words } from '../../../pledges/pledge.ts'
import { sentence } from '../../../pledges/sentence.ts'

const WIDTH = 256
const HASH_BYTES = 32

/** Reads a file of the published tree; undefined when it is not there. */
export type ReadPublished = (path: string) => Promise<Buffer | undefined>
/** A file that is not what was signed, or is gone. */
export type Damage = { file: string; what: Words }

const MISSING: Words = { en: 'is missing', sv: 'saknas' }
const OTHER_ROOT: Words = {
  en: 'the hashes on the disk give another root than was signed',
  sv: 'hasharna på disken ger en annan rot än den som signerades',
}
const OTHER_HASHES: Words = {
  en: 'its hashes are not those that were signed',
  sv: 'dess hashar är inte de som signerades',
}
const OTHER_ENTRY = {
  en: 'entry {at} is not the one that was committed',
  sv: 'post {at} är inte den som skrevs in',
} as const

/**
 * Recomputes the root of a tree of this size from the tiles as they lie on the disk, and from the leaves themselves in the
 * bundles asked for (docs/evidence-format.md, section 5). Names the first file that does not fit.
 */
export async function checkPublished(
  read: ReadPublished,
  head: { size: number; root: Buffer },
  bundles: readonly number[],
): Promise<Damage | undefined> {
  const full = Math.floor(head.size / WIDTH)
  const edgeWidth = head.size % WIDTH
  const edge = await hashesOf(read, tilePath(0, full, edgeWidth), edgeWidth)
  if ('file' in edge) return edge
  const upper: Buffer[] = []
  for (let at = 0; at < full; at += WIDTH) {
    const width = Math.min(WIDTH, full - at)
    const hashes = await hashesOf(read, tilePath(1, at / WIDTH, width), width)
    if ('file' in hashes) return hashes
    upper.push(...hashes.hashes)
  }
  const root = rootOf(upper, edge.hashes)
  if (!root.equals(head.root)) return { file: 'tile/1', what: OTHER_ROOT }
  for (const bundle of bundles) {
    const width = bundle < full ? WIDTH : edgeWidth
    const damage = await checkBundle(read, bundle, width, bundle < full ? upper[bundle]! : edge.hashes)
    if (damage) return damage
  }
  return undefined
}

async function checkBundle(
  read: ReadPublished,
  bundle: number,
  width: number,
  expected: Buffer | readonly Buffer[],
): Promise<Damage | undefined> {
  const file = tilePath('entries', bundle, width)
  const bytes = await read(file)
  if (bytes === undefined) return { file, what: MISSING }
  const leaves = leavesOf(bytes).map((leaf) => leafHash(leaf))
  if (leaves.length !== width)
    return {
      file,
      what: sentence(
        { en: 'holds {held} entries, not {width}', sv: 'innehåller {held} poster, inte {width}' },
        { held: leaves.length, width },
      ),
    }
  if (!Buffer.isBuffer(expected)) {
    const at = leaves.findIndex((hash, i) => !hash.equals(expected[i]!))
    return at < 0 ? undefined : { file, what: sentence(OTHER_ENTRY, { at: String(bundle * WIDTH + at) }) }
  }
  if (rootOf(leaves, []).equals(expected)) return undefined
  const tile = await hashesOf(read, tilePath(0, bundle, WIDTH), WIDTH)
  if ('file' in tile) return tile
  if (!rootOf(tile.hashes, []).equals(expected))
    return { file: tilePath(0, bundle, WIDTH), what: OTHER_HASHES }
  const at = leaves.findIndex((hash, i) => !hash.equals(tile.hashes[i]!))
  return { file, what: sentence(OTHER_ENTRY, { at: String(bundle * WIDTH + at) }) }
}

async function hashesOf(
  read: ReadPublished,
  file: string,
  width: number,
): Promise<{ hashes: Buffer[] } | Damage> {
  if (width === 0) return { hashes: [] }
  const bytes = await read(file)
  if (bytes === undefined) return { file, what: MISSING }
  if (bytes.length !== width * HASH_BYTES)
    return { file, what: sentence({ en: 'has {size} bytes', sv: 'är {size} byte' }, { size: bytes.length }) }
  return {
    hashes: Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)),
  }
}

/** RFC 6962's root over perfect subtrees of one size followed by single leaves (fewer than make up another subtree). */
function rootOf(subtrees: readonly Buffer[], leaves: readonly Buffer[]): Buffer {
  const peaks = [...peaksOf(subtrees), ...peaksOf(leaves)]
  return peaks.reduceRight((right, left) => nodeHash(left, right))
}

function peaksOf(hashes: readonly Buffer[]): Buffer[] {
  const peaks: Buffer[] = []
  let start = 0
  for (let count = 2 ** Math.floor(Math.log2(hashes.length || 1)); count >= 1; count /= 2) {
    if (hashes.length - start < count) continue
    let row = hashes.slice(start, start + count)
    while (row.length > 1) row = row.flatMap((hash, i) => (i % 2 === 0 ? [nodeHash(hash, row[i + 1]!)] : []))
    peaks.push(row[0]!)
    start += count
  }
  return peaks
}

function leavesOf(bytes: Buffer): Buffer[] {
  const leaves: Buffer[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at)
    // A bundle that is cut short has too few.
    if (end > bytes.length) return leaves.slice(0, -1)
    leaves.push(bytes.subarray(at + 2, end))
    at = end
  }
  return leaves
}

/** The path of a tile, as c2sp.org/tlog-tiles numbers them. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const groups = String(index)
    .padStart(Math.ceil(String(index).length / 3) * 3, '0')
    .match(/\d{3}/g)!
  const number = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${number}${width === WIDTH ? '' : `.p/${width}`}`
}
