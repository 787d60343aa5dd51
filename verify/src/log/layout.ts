/** Hashes in a full tile, entries in a full bundle. */
export const tileWidth = 256

/** The levels of the tree's tiles, and the bundles of entries, which lie as those of level 0. */
export type TileLevel = number | 'entries'

/** A tile or bundle of the layout: its level, its number there, and how many hashes or entries it holds (1 … 256). */
export type TileName = { level: TileLevel; number: number; width: number }

/** The path of a tile below the tree folder (evidence format, section 5), with slashes. */
export function tilePath({ level, number, width }: TileName): string {
  const digits = String(number)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g)!
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${path}${width < tileWidth ? `.p/${width}` : ''}`
}

/** The tile with this path, or undefined: only the one spelling that `tilePath` gives is a tile. */
export function parseTilePath(path: string): TileName | undefined {
  const match =
    /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path)
  if (match === null) return undefined
  const [, level, groups, width] = match
  const tile: TileName = {
    level: level === 'entries' ? 'entries' : Number(level),
    number: Number(groups!.replaceAll(/[x/]/g, '')),
    width: width === undefined ? tileWidth : Number(width),
  }
  const inRange = (tile.level === 'entries' || tile.level < 64) && Number.isSafeInteger(tile.number)
  return inRange && tilePath(tile) === path ? tile : undefined
}

/** How many hashes a level has (for bundles: entries) in a tree of this many leaves. */
export function hashesOnLevel(level: TileLevel, size: number): number {
  return Math.floor(size / tileWidth ** (level === 'entries' ? 0 : level))
}

/** The partial tiles on the right edge of a tree, the highest level first; every hash of the root comes from them. */
export function edgeTiles(size: number): { level: number; number: number; width: number }[] {
  const edge: { level: number; number: number; width: number }[] = []
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / tileWidth)) {
    const width = hashes % tileWidth
    if (width > 0) edge.unshift({ level, number: Math.floor(hashes / tileWidth), width })
  }
  return edge
}
