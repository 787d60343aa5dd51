/** Hashes, or entries, in a full tile. */
export const TILE_WIDTH = 256
/** A tile holds the hashes of 8 levels of the tree. */
export const TILE_HEIGHT = 8

/** A tile of C2SP tlog-tiles: `level` is `entries` for bundles of leaf data; `width` is 256 when it is full. */
export type Tile = { level: number | 'entries'; index: number; width: number }

/** `tile/<L>/<N>[.p/<W>]`, as in https://c2sp.org/tlog-tiles. */
export function tilePath({ level, index, width }: Tile): string {
  let digits = String(index)
  digits = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = digits.match(/.{3}/g)!
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${name}${width < TILE_WIDTH ? `.p/${width}` : ''}`
}

const TILE_PATH = /^tile\/(0|[1-9]\d?|entries)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/

/** The tile that a path names; undefined for every other text. Attacker-controlled input. */
export function parseTilePath(path: string): Tile | undefined {
  const [, levelText, name, widthText] = TILE_PATH.exec(path) ?? []
  if (levelText === undefined || name === undefined) return undefined
  const level = levelText === 'entries' ? 'entries' : Number(levelText)
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText)
  const index = Number(name.replace(/[x/]/g, ''))
  if ((typeof level === 'number' && level > 63) || (widthText !== undefined && width >= TILE_WIDTH))
    return undefined
  if (!Number.isSafeInteger(index)) return undefined
  // Only the shortest form is a name: x000/001 is not 001.
  const tile: Tile = { level, index, width }
  return tilePath(tile) === path ? tile : undefined
}

/** How many hashes a level of tiles has in a tree of this size. */
export function hashesOnLevel(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** The partial tiles of a tree of exactly this size, entry bundle first; at most one a level. */
export function partialTiles(size: number): Tile[] {
  const tiles: Tile[] = []
  for (let level = 0; hashesOnLevel(size, level) > 0; level++) {
    const hashes = hashesOnLevel(size, level)
    const width = hashes % TILE_WIDTH
    if (width === 0) continue
    const index = Math.floor(hashes / TILE_WIDTH)
    if (level === 0) tiles.push({ level: 'entries', index, width })
    tiles.push({ level, index, width })
  }
  return tiles
}
