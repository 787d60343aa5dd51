import { sameHash } from '../merkle/hash.ts'

/** One possible hash of what lies below a cell; accepting it reports what is damaged if this is the right one. */
export type Source = { hash: Buffer; accept(): void }

/** What could be made out about something below: its possible hashes, those of the entries first, and what to say if none can be told right. */
export type Outcome = { sources: Source[]; giveUp(): void; row: Buffer[] | undefined }

/** One hash that the tile stores, if it has it, against what lies below it, and how to report which of them is damaged. */
export type Cell = {
  stored: Buffer | undefined
  below: Pick<Outcome, 'sources' | 'giveUp'>
  blame: Blame
}

/** How to report a cell whose two sides differ. */
export type Blame = {
  tile(expected: Buffer): void
  below(found: Buffer, expected: Buffer): void
  both(found: Buffer): void
  /** Only one side is there, and it or its like is wrong. */
  alone(): void
}

/** What stands above the cells: a hash, and whether it is known to be what was signed. */
export type Above = { hash: Buffer | undefined; authentic: boolean }

/** What settling needs besides the cells. */
export type Settling = {
  rootOf(hashes: Buffer[]): Buffer
  /** Called when all cells agree with each other and not with the authentic hash above. */
  wholeDiffers(found: Buffer): void
  /** How many more questions may stay open until a tile further up decides them (bounds memory). */
  open: { left: number }
}

type Choice = (cell: Cell) => Source | undefined

const mixLimit = 8
const nothing = () => {}

/**
 * Finds out which side is the damaged one, from the hash above: the reading whose root is that hash is right
 * (SHA-256 has no collisions). If the hash above may itself be damaged, the question is handed upwards.
 */
export function settle(cells: readonly Cell[], above: Above, settling: Settling): Outcome {
  const disputed = cells.filter(isDisputed)
  const open: (Source & { row: Buffer[] })[] = []
  for (const choice of choices(disputed)) {
    const row = rowOf(cells, choice)
    if (row === undefined) break
    const root = settling.rootOf(row)
    const accept = () => {
      for (const cell of disputed) decide(cell, choice(cell)!)
    }
    if (above.hash && sameHash(root, above.hash)) {
      accept()
      return { ...certain(root), row }
    }
    if (open.length < 3) open.push({ hash: root, accept, row })
  }
  const giveUp = disputed.length === 0 ? nothing : () => disputed.forEach(leaveOpen)
  if (above.authentic && above.hash) {
    const alone = cells.filter(({ stored, below }) => !stored !== (below.sources.length === 0))
    if (disputed.length > 0) giveUp()
    else if (alone.length > 0) for (const cell of alone) cell.blame.alone()
    else if (open[0]) settling.wholeDiffers(open[0].hash)
    return { ...certain(above.hash), row: undefined }
  }
  if (open.length === 0 || (disputed.length > 0 && settling.open.left-- <= 0)) {
    giveUp()
    return { sources: [], giveUp: nothing, row: undefined }
  }
  // Entries first: further up, "all from below" means all from the entries.
  const sources = open.length > 1 ? [...open.slice(1), open[0]!] : open
  return { sources, giveUp, row: disputed.length === 0 ? open[0]!.row : undefined }
}

/** The outcome when the hash is beyond doubt. */
export function certain(hash: Buffer): Pick<Outcome, 'sources' | 'giveUp'> {
  return { sources: [{ hash, accept: nothing }], giveUp: nothing }
}

function isDisputed({ stored, below: { sources } }: Cell): boolean {
  const [first] = sources
  return sources.length > 1 || (stored !== undefined && first !== undefined && !sameHash(stored, first.hash))
}

const fromTile: Choice = ({ stored, below }) =>
  stored ? { hash: stored, accept: nothing } : below.sources[0]
const fromEntries: Choice = (cell) => cell.below.sources[0] ?? fromTile(cell)
const fromTilesBelow: Choice = (cell) => cell.below.sources.at(-1) ?? fromTile(cell)

/** All from the tile, all from below, then (for few) every mixture: two damages may lie side by side. */
function* choices(disputed: Cell[]): Generator<Choice> {
  yield fromTile
  if (disputed.length === 0) return
  yield fromEntries
  if (disputed.some((cell) => cell.below.sources.length > 1)) yield fromTilesBelow
  if (disputed.length > mixLimit) return
  for (let mix = 1; mix < 2 ** disputed.length - 1; mix++)
    yield (cell) => ((mix >> disputed.indexOf(cell)) & 1 ? fromTile : fromEntries)(cell)
}

function rowOf(cells: readonly Cell[], choice: Choice): Buffer[] | undefined {
  const row: Buffer[] = []
  for (const cell of cells) {
    const source = choice(cell)
    if (source === undefined) return undefined
    row.push(source.hash)
  }
  return row
}

function decide(cell: Cell, right: Source): void {
  const { stored, below, blame } = cell
  const [only, ...others] = below.sources
  if (stored === undefined || !sameHash(stored, right.hash)) {
    right.accept()
    if (stored !== undefined) blame.tile(right.hash)
  } else if (only !== undefined && others.length === 0) {
    if (!sameHash(only.hash, stored)) blame.below(only.hash, stored)
  } else {
    below.giveUp()
  }
}

function leaveOpen({ stored, below, blame }: Cell): void {
  below.giveUp()
  if (stored !== undefined && below.sources[0]) blame.both(below.sources[0].hash)
}
