import type { Findings } from './findings.ts'
import { tilePath, tileWidth } from './layout.ts'
import type { HashTile } from './tile.ts'

/** Reports that the whole tree agrees with itself, but not with the signed root. */
export function reportRoot(findings: Findings, found: Buffer, expected: Buffer): void {
  findings.add({
    severity: 'damage',
    code: 'root_differs',
    file: 'checkpoint',
    found: found.toString('hex'),
    expected: expected.toString('hex'),
    message: 'tiles and entries agree with each other, but not with the root that was signed',
  })
}

/** Reports a hash and what lies below it when nothing tells which of the two is damaged. */
export function reportDisagreement(findings: Findings, tile: HashTile, i: number, below: Buffer): void {
  findings.add({
    severity: 'damage',
    code: 'disagreement',
    file: tile.file,
    offset: i * 32,
    found: tile.hashes[i]!.toString('hex'),
    expected: below.toString('hex'),
    message: `hash ${i} of this tile and what lies below it disagree, and nothing above tells which is damaged`,
  })
}

/** Reports a tile that agrees with everything below it, but not with the tree above: both were rewritten. */
export function reportSubtree(
  findings: Findings,
  level: number,
  number: number,
  found: Buffer,
  expected: Buffer,
): void {
  const span = tileWidth ** (level + 1)
  const first = number * span
  const files = [tilePath({ level, number, width: tileWidth })]
  if (level === 0) files.push(tilePath({ level: 'entries', number, width: tileWidth }))
  for (const file of files)
    findings.add({
      severity: 'damage',
      code: 'subtree_differs',
      file,
      index: first,
      found: `root ${found.toString('hex')}`,
      expected: `root ${expected.toString('hex')}`,
      message: `tile and entries of the leaves ${first} to ${first + span - 1} agree, but are not those in the tree`,
    })
}
