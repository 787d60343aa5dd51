import fs from 'node:fs'
import path from 'node:path'
import { hashSizeBytes } from '../merkle/hash.ts'
import { parseBundle } from './bundle.ts'
import { type Findings, firstDifference } from './findings.ts'
import { hashesOnLevel, parseTilePath, type TileName, tilePath, tileWidth } from './layout.ts'
import { bundleLimitBytes, readTreeFile, reportUnreadable } from './tree-folder.ts'

const known = new Set(['checkpoint', 'vkey'])
// Private to the log and no evidence (section 10): neither read nor judged.
const privateFolders = new Set(['journal'])

/** Looks at every file of the tree folder that the tree of this size does not need: older and newer tiles, and what is neither. */
export function inspectStrangers(tree: string, size: number, findings: Findings): void {
  for (const { file, isFile } of filesBelow(tree, '', findings)) {
    if (isFile && known.has(file)) continue
    const tile = isFile ? parseTilePath(file) : undefined
    if (tile) inspectTile(tree, size, file, tile, findings)
    else
      findings.add({
        severity: 'damage',
        code: 'file_unknown',
        file,
        message: isFile
          ? 'no file of this name belongs to a log'
          : 'this is neither a regular file nor a folder',
      })
  }
}

function* filesBelow(
  tree: string,
  below: string,
  findings: Findings,
): Generator<{ file: string; isFile: boolean }> {
  let folder: fs.Dir
  try {
    folder = fs.opendirSync(path.join(tree, ...below.split('/')))
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    const message = `the folder cannot be read (${reason}); run as somebody who may read it`
    findings.add({ severity: 'undecided', code: 'file_unreadable', file: below, message })
    return
  }
  try {
    for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
      const file = below === '' ? entry.name : `${below}/${entry.name}`
      if (!entry.isDirectory()) yield { file, isFile: entry.isFile() }
      else if (!privateFolders.has(file)) yield* filesBelow(tree, file, findings)
    }
  } finally {
    folder.closeSync()
  }
}

function inspectTile(tree: string, size: number, file: string, tile: TileName, findings: Findings): void {
  const { level, number, width } = tile
  const needed = Math.min(tileWidth, hashesOnLevel(level, size) - number * tileWidth)
  if (width === needed) return
  if (needed > 0) comparePartial(tree, file, tile, needed, findings)
  if (width > needed)
    findings.add({
      severity: 'remark',
      code: 'beyond_size',
      file,
      message: `this lies beyond the ${size} leaves of the checkpoint: the log has grown since, or somebody put it there`,
    })
}

/** A tile narrower or wider than the one needed must begin as that one does, as far as both reach. */
function comparePartial(
  tree: string,
  file: string,
  tile: TileName,
  needed: number,
  findings: Findings,
): void {
  const neededFile = tilePath({ ...tile, width: needed })
  const read = readTreeFile(tree, file, bundleLimitBytes)
  reportUnreadable(file, read, bundleLimitBytes, findings)
  const whole = readTreeFile(tree, neededFile, bundleLimitBytes)
  // Where the needed one is missing, that is reported, or the walk has read this one in its place.
  if (read.kind !== 'read' || whole.kind === 'missing') return
  const bytes = ownPart(read.bytes, tile)
  const shared = Math.min(tile.width, needed)
  const ours = bytes && firstOf(bytes, tile, shared)
  const theirs = whole.kind === 'read' ? firstOf(whole.bytes, tile, shared) : undefined
  if (ours === undefined)
    findings.add({
      severity: 'damage',
      code: tile.level === 'entries' ? 'bundle_malformed' : 'file_length',
      file,
      message: `this partial tile does not hold exactly the ${tile.width} that its name says`,
    })
  else if (theirs !== undefined && !ours.equals(theirs) && !findings.isDamaged(neededFile))
    findings.add({
      severity: 'damage',
      code: 'partial_differs',
      file,
      offset: firstDifference(ours, theirs),
      message: `this is not the beginning of ${neededFile}, which agrees with the tree`,
    })
  else if (theirs === undefined || !ours.equals(theirs))
    findings.add({
      severity: 'remark',
      code: 'partial_differs',
      file,
      message: `this cannot be compared with ${neededFile}, which is damaged`,
    })
}

/** The bytes, if they are exactly a tile of this width. */
function ownPart(bytes: Buffer, tile: TileName): Buffer | undefined {
  if (tile.level !== 'entries') return bytes.length === tile.width * hashSizeBytes ? bytes : undefined
  return parseBundle(bytes, tile.width, true).broken === undefined ? bytes : undefined
}

/** The bytes of the first hashes or entries of a tile, if it has so many. */
function firstOf(bytes: Buffer, tile: TileName, count: number): Buffer | undefined {
  if (tile.level !== 'entries')
    return bytes.length >= count * hashSizeBytes ? bytes.subarray(0, count * hashSizeBytes) : undefined
  const { broken, end } = parseBundle(bytes, count, false)
  return broken === undefined ? bytes.subarray(0, end) : undefined
}
