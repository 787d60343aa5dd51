import fs from 'node:fs'
import path from 'node:path'
import type { Findings } from './findings.ts'
import { type TileName, tilePath, tileWidth } from './layout.ts'
import { type FileRead, readFile } from './read-file.ts'

/** A tile or bundle as found: which file it was read from, how wide that file is by its name, and its bytes. */
export type TileRead = { file: string; width: number; bytes: Buffer }

/** Bytes that a bundle can have at most: 256 entries of 512 bytes and their lengths. */
export const bundleLimitBytes = tileWidth * (2 + 512)

/** The tree folder that is meant by a folder: itself, its `tree/` or `ledger/tree/`, or the parent of `tile/`; else undefined. */
export function findTree(folder: string): string | undefined {
  const has = (at: string, name: string) => fs.existsSync(path.join(at, name))
  const isTree = (at: string) => has(at, 'tile') || has(at, 'checkpoint') || has(at, 'vkey')
  const parents = path.basename(path.resolve(folder)) === 'tile' ? [path.dirname(path.resolve(folder))] : []
  return [folder, path.join(folder, 'tree'), path.join(folder, 'ledger', 'tree'), ...parents].find(isTree)
}

/** Reads a file of the tree by its path with slashes. */
export function readTreeFile(tree: string, file: string, limitBytes: number, into?: Buffer): FileRead {
  return readFile(path.join(tree, ...file.split('/')), limitBytes, into)
}

/** Reads a tile; of a partial one that a running log has replaced, a wider one. Reports what cannot be read. */
export function readTile(tree: string, tile: TileName, findings: Findings): TileRead | undefined {
  const limitBytes = tile.level === 'entries' ? bundleLimitBytes : tileWidth * 32
  for (const width of widthsToTry(tree, tile)) {
    const file = tilePath({ ...tile, width })
    const read = readTreeFile(tree, file, limitBytes)
    if (read.kind === 'read') return { file, width, bytes: read.bytes }
    if (read.kind === 'missing') continue
    reportUnreadable(file, read, limitBytes, findings)
    return undefined
  }
  const file = tilePath(tile)
  findings.add({ severity: 'damage', code: 'file_missing', file, message: 'the tree needs this file' })
  return undefined
}

/** Reports a file that is there and cannot be used as a whole. */
export function reportUnreadable(file: string, read: FileRead, limitBytes: number, findings: Findings): void {
  if (read.kind === 'too_long')
    findings.add({
      severity: 'damage',
      code: 'file_length',
      file,
      found: `${read.sizeBytes} bytes`,
      expected: `at most ${limitBytes} bytes`,
      message: 'the file is too long to be what its name says',
    })
  if (read.kind === 'not_a_file')
    findings.add({ severity: 'damage', code: 'file_unknown', file, message: 'this is not a regular file' })
  if (read.kind === 'unreadable')
    findings.add({
      severity: 'undecided',
      code: 'file_unreadable',
      file,
      message: `the file cannot be read (${read.reason}); run as somebody who may read it`,
    })
}

function* widthsToTry(tree: string, tile: TileName): Generator<number> {
  yield tile.width
  if (tile.width === tileWidth) return
  yield* widerPartials(tree, tile)
  yield tileWidth
}

function widerPartials(tree: string, tile: TileName): number[] {
  const folder = path.dirname(path.join(tree, ...tilePath(tile).split('/')))
  try {
    return fs
      .readdirSync(folder)
      .filter((name) => /^[1-9][0-9]{0,2}$/.test(name))
      .map(Number)
      .filter((width) => width > tile.width && width < tileWidth)
      .sort((a, b) => a - b)
  } catch {
    return []
  }
}
