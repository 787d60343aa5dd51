import { sameHash } from '../merkle/hash.ts'
import { peaksOf, rootOfPeaks } from '../merkle/root.ts'
import { aloneAndWrong, type Findings } from './findings.ts'
import { edgeTiles, tilePath, tileWidth } from './layout.ts'
import { blameHash, readLeafCells } from './leaves.ts'
import { quickTile } from './quick-tile.ts'
import { reportDisagreement, reportRoot, reportSubtree } from './report-tree.ts'
import { type Above, type Cell, certain, type Outcome, type Settling, settle } from './settle.ts'
import { type HashTile, readHashTile } from './tile.ts'

/** What a walk over the tree needs and tells. */
export type Walk = {
  tree: string
  size: number
  findings: Findings
  /** The root to expect, and whether a good signature stands behind it. */
  above: Above
  /** Called for each bundle in order, with its right leaf hashes and their root, unless damage leaves them unknown. */
  onLeaves(count: number, row: (() => Buffer[]) | undefined, root: Buffer | undefined): void
  /** Called after each bundle; may wait. */
  onProgress(leaves: number): Promise<void> | undefined
}

type Open = Settling['open']
const openLimit = 500

/** Recomputes every tile of the tree from the entries, reports damage, and gives the root of what is right. */
export async function walkTree(walk: Walk): Promise<Buffer | undefined> {
  const edge = edgeTiles(walk.size).map((tile) => ({
    ...tile,
    stored: readHashTile(walk.tree, tile, walk.findings),
  }))
  const widths = edge.map((tile) => tile.width)
  const rootOf = (hashes: Buffer[]) => rootOfRun(hashes, widths)
  const stored = edge.flatMap((tile) => tile.stored.hashes)
  const authentic = walk.above.authentic && leadsTo(stored, rootOf, walk.above.hash)
  const open = { left: openLimit }
  const cells: Cell[] = []
  for (const tile of edge)
    cells.push(...(await cellsOf(walk, open, tile.level, tile.number, tile.stored, authentic)))
  const wholeDiffers = (found: Buffer) => reportRoot(walk.findings, found, walk.above.hash!)
  const { sources, giveUp, row } = settle(cells, walk.above, { rootOf, wholeDiffers, open })
  const [only, ...others] = sources
  if (others.length === 0) only?.accept()
  else giveUp()
  const last = edge.at(-1)
  if (last?.level === 0) {
    walk.onLeaves(last.width, row && (() => row.slice(-last.width)), undefined)
    await walk.onProgress(walk.size)
  }
  return others.length === 0 ? only?.hash : undefined
}

/** The root of a tree given by the hashes of its edge tiles, which have these widths. */
function rootOfRun(hashes: Buffer[], widths: number[]): Buffer {
  let start = 0
  return rootOfPeaks(
    widths.flatMap((width) => {
      start += width
      return peaksOf(hashes.slice(start - width, start))
    }),
  )
}

function leadsTo(
  hashes: (Buffer | undefined)[],
  rootOf: (hashes: Buffer[]) => Buffer,
  expected: Buffer | undefined,
): boolean {
  const whole = hashes.filter((hash) => hash !== undefined)
  return expected !== undefined && whole.length === hashes.length && sameHash(rootOf(whole), expected)
}

/** The hashes of a tile beside the roots of what lies below each. */
async function cellsOf(
  walk: Walk,
  open: Open,
  level: number,
  number: number,
  tile: HashTile,
  authentic: boolean,
): Promise<Cell[]> {
  if (level === 0) return readLeafCells(walk.tree, number, tile, walk.findings)
  const cells: Cell[] = []
  for (const [i, stored] of tile.hashes.entries()) {
    const child = number * tileWidth + i
    const childTile = { level: level - 1, number: child, width: tileWidth }
    const above = { hash: stored, authentic: authentic && stored !== undefined }
    const below = await visitFullTile(walk, open, level - 1, child, above)
    const blame = {
      tile: (expected: Buffer) => blameHash(tile, i, expected, walk.findings),
      below: (found: Buffer, expected: Buffer) =>
        reportSubtree(walk.findings, level - 1, child, found, expected),
      both: (found: Buffer) => reportDisagreement(walk.findings, tile, i, found),
      alone: () => walk.findings.add(aloneAndWrong(stored ? tile.file : tilePath(childTile))),
    }
    cells.push({ stored, below, blame })
  }
  return cells
}

async function visitFullTile(
  walk: Walk,
  open: Open,
  level: number,
  number: number,
  above: Above,
): Promise<Outcome> {
  const quick = level === 0 && above.hash && quickTile(walk.tree, number, above.hash)
  if (quick) {
    walk.onLeaves(tileWidth, quick, above.hash)
    await walk.onProgress((number + 1) * tileWidth)
    return { ...certain(above.hash!), row: undefined }
  }
  const rootOf = (hashes: Buffer[]) => rootOfRun(hashes, [tileWidth])
  const tile = readHashTile(walk.tree, { level, number, width: tileWidth }, walk.findings)
  const authentic = level > 0 && above.authentic && leadsTo(tile.hashes, rootOf, above.hash)
  const cells = await cellsOf(walk, open, level, number, tile, authentic)
  const wholeDiffers = (found: Buffer) => reportSubtree(walk.findings, level, number, found, above.hash!)
  const outcome = settle(cells, above, { rootOf, wholeDiffers, open })
  if (level === 0) {
    const { sources, row } = outcome
    walk.onLeaves(tileWidth, row && (() => row), sources.length === 1 ? sources[0]!.hash : undefined)
    await walk.onProgress((number + 1) * tileWidth)
  }
  return outcome
}
