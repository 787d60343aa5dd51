import { sameHash } from '../merkle/hash.ts'
import { type Bundle, parseBundle } from './bundle.ts'
import { aloneAndWrong, type Findings, firstDifference } from './findings.ts'
import { tileWidth } from './layout.ts'
import { type Blame, type Cell, certain } from './settle.ts'
import type { HashTile } from './tile.ts'
import { readTile } from './tree-folder.ts'

/** The cells of a level-0 tile: its hashes against those of the entries in the bundle beside it. */
export function readLeafCells(tree: string, number: number, tile: HashTile, findings: Findings): Cell[] {
  const count = tile.hashes.length
  const read = readTile(tree, { level: 'entries', number, width: count }, findings)
  const bundle = read && parseBundle(read.bytes, count, read.width === count)
  const sound = bundle ? soundEntries(bundle, tile) : 0
  if (read && bundle?.broken) reportBroken(read.file, bundle, sound, number, findings)
  const onlyTile: Blame = {
    tile() {},
    below() {},
    both() {},
    alone: () => findings.add(aloneAndWrong(tile.file)),
  }
  return tile.hashes.map((stored, i): Cell => {
    const entry = i < sound ? bundle?.entries[i] : undefined
    const index = number * tileWidth + i
    if (read === undefined || entry === undefined) return { stored, below: unknown, blame: onlyTile }
    const place = { file: read.file, offset: entry.offset, index }
    if (entry.fault !== undefined && (stored === undefined || sameHash(stored, entry.hash)))
      findings.add({ severity: 'damage', code: 'entry_malformed', ...place, message: entry.fault })
    return { stored, below: certain(entry.hash), blame: blameLeaf(place, entry, tile, i, findings) }
  })
}

/** Of a bundle whose structure breaks, only the entries before the first that disagrees still stand where they should. */
function soundEntries(bundle: Bundle, tile: HashTile): number {
  if (bundle.broken === undefined) return bundle.entries.length
  const wrong = bundle.entries.findIndex((entry, i) => {
    const stored = tile.hashes[i]
    return stored ? !sameHash(stored, entry.hash) : entry.fault !== undefined
  })
  return wrong < 0 ? bundle.entries.length : wrong
}

function reportBroken(file: string, bundle: Bundle, sound: number, number: number, findings: Findings): void {
  const { offset, why } = bundle.broken!
  const first = bundle.entries[sound]
  const index = number * tileWidth + sound
  const place = { file, offset: first?.offset ?? offset, ...(sound < tileWidth && { index }) }
  const message = first
    ? `this entry is not the one in the tree, and what follows is out of step: ${why}`
    : why
  findings.add({ severity: 'damage', code: 'bundle_malformed', ...place, message })
}

type Place = { file: string; offset: number; index: number }
type Entry = Bundle['entries'][number]

function blameLeaf(place: Place, entry: Entry, tile: HashTile, i: number, findings: Findings): Blame {
  const found = entry.hash.toString('hex')
  const because = entry.fault === undefined ? '' : `; ${entry.fault}`
  return {
    below: (_, expected) =>
      findings.add({
        severity: 'damage',
        code: 'entry_differs',
        ...place,
        found: `leaf hash ${found}`,
        expected: `leaf hash ${expected.toString('hex')}`,
        message: `this entry is not the one in the tree${because}`,
      }),
    tile: (expected) => {
      blameHash(tile, i, expected, findings)
      if (entry.fault !== undefined)
        findings.add({ severity: 'damage', code: 'entry_malformed', ...place, message: entry.fault })
    },
    alone: () => findings.add(aloneAndWrong(place.file)),
    both: () => {
      const message = 'entry and tile disagree, and nothing above tells which of the two is damaged'
      const { index } = place
      const stored = tile.hashes[i]!.toString('hex')
      findings.add({
        severity: 'damage',
        code: 'disagreement',
        ...place,
        found,
        expected: stored,
        message: message + because,
      })
      const inTile = { file: tile.file, offset: i * 32, index, found: stored, expected: found }
      findings.add({ severity: 'damage', code: 'disagreement', ...inTile, message })
    },
  }
}

const unknown: Cell['below'] = { sources: [], giveUp() {} }

/** Reports a hash of a tile that is not the root of what lies below it, at the first byte that differs. */
export function blameHash(tile: HashTile, i: number, expected: Buffer, findings: Findings): void {
  const stored = tile.hashes[i]!
  findings.add({
    severity: 'damage',
    code: 'hash_differs',
    file: tile.file,
    offset: i * 32 + firstDifference(stored, expected),
    found: stored.toString('hex'),
    expected: expected.toString('hex'),
    message: `hash ${i} of this tile is not the hash of what lies below it`,
  })
}
