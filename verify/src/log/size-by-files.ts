import fs from 'node:fs'
import path from 'node:path'
import { edgeTiles, parseTilePath, tilePath, tileWidth } from './layout.ts'

/** The size of a log to go on with when its checkpoint proves none: the stated one if its last files are there, else what the files show. */
export function sizeByFiles(tree: string, stated: number | undefined): number {
  if (stated !== undefined && lastFiles(stated).every((file) => fs.existsSync(path.join(tree, file))))
    return stated
  return Math.max(lastLeaf(tree, 'entries'), lastLeaf(tree, '0'))
}

function lastFiles(size: number): string[] {
  const last = edgeTiles(size).at(-1)
  if (last === undefined) return []
  const { number } = last.level === 0 ? last : { number: Math.floor((size - 1) / tileWidth) }
  const width = last.level === 0 ? last.width : tileWidth
  return [tilePath({ level: 'entries', number, width }), tilePath({ level: 0, number, width })]
}

/** One more than the highest leaf for which a level has a file. */
function lastLeaf(tree: string, level: string): number {
  let last = 0
  const visit = (below: string) => {
    for (const name of namesIn(path.join(tree, ...below.split('/')))) {
      const file = `${below}/${name}`
      const tile = parseTilePath(file)
      if (tile) last = Math.max(last, tile.number * tileWidth + tile.width)
      else if (/^(x[0-9]{3}|[0-9]{3}\.p)$/.test(name)) visit(file)
    }
  }
  visit(`tile/${level}`)
  return last
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}
