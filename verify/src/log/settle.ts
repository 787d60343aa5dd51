import { sameHash } from '../merkle/hash.ts'

/** One hash that two sources give: the tile that stores it, and what lies below it. Either may be absent. */
export type Cell = { stored: Buffer | undefined; below: Buffer | undefined; blame: Blame }

/** How to report the outcome for a cell whose two sources differ. */
export type Blame = {
  tile(expected: Buffer): void
  below(expected: Buffer): void
  both(): void
}

/** What stands above the cells: a hash, and whether it is known to be what was signed. */
export type Above = { hash: Buffer | undefined; authentic: boolean }

const mixLimit = 8

/**
 * Finds out which source is the damaged one, from the hash above: the reading whose root is that hash is right
 * (SHA-256 has no collisions). Reports the others, and gives the cells' right hashes and root as far as known.
 */
export function settle(
  cells: readonly Cell[],
  above: Above,
  rootOf: (hashes: Buffer[]) => Buffer,
  wholeDiffers: () => void,
): { root: Buffer | undefined; row: Buffer[] | undefined } {
  const differing = cells.filter((cell) => cell.stored && cell.below && !sameHash(cell.stored, cell.below))
  for (const tileIsRight of readings(differing)) {
    const row = readingOf(cells, tileIsRight)
    if (row === undefined) break
    const root = rootOf(row)
    if (above.hash && !sameHash(root, above.hash)) {
      if (differing.length > 0) continue
      // Everything here agrees, and not with what stands above.
      if (!above.authentic) return { root, row }
      wholeDiffers()
      return { root: above.hash, row: undefined }
    }
    if (above.hash === undefined && differing.length > 0) break
    for (const cell of differing)
      if (tileIsRight(cell)) cell.blame.below(cell.stored!)
      else cell.blame.tile(cell.below!)
    return { root, row }
  }
  for (const cell of differing) cell.blame.both()
  return { root: above.hash, row: undefined }
}

/** All from the tile, all from below, then (for few) every mixture: two damages may lie side by side. */
function* readings(differing: Cell[]): Generator<(cell: Cell) => boolean> {
  yield () => true
  if (differing.length === 0) return
  yield () => false
  if (differing.length > mixLimit) return
  for (let mix = 1; mix < 2 ** differing.length - 1; mix++)
    yield (cell) => ((mix >> differing.indexOf(cell)) & 1) === 1
}

function readingOf(cells: readonly Cell[], tileIsRight: (cell: Cell) => boolean): Buffer[] | undefined {
  const row: Buffer[] = []
  for (const cell of cells) {
    const hash = (tileIsRight(cell) ? cell.stored : cell.below) ?? cell.stored ?? cell.below
    if (hash === undefined) return undefined
    row.push(hash)
  }
  return row
}
