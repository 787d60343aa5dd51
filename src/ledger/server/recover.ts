import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Disk } from '../disk.ts'
import { type Head, placeKey, segmentPath } from '../segments/writers.ts'
import { type CheckpointSigner, openCheckpoint } from '../tree/checkpoint.ts'
import { leafHash } from '../tree/hash.ts'
import {
  continueJournal,
  createJournal,
  type Journal,
  type JournalFile,
  readJournals,
} from '../tree/journal.ts'
import { rootAt } from '../tree/prove.ts'
import { createPublishedFiles, type PublishedFiles } from '../tree/published-files.ts'
import { openTileStore, readCheckpointFile, splitBundle, type TileStore } from '../tree/tile-store.ts'
import { type Commit, decodeBase, decodeCommit, encodeBase } from './commit-record.ts'
import { type KeyMemory, openKeyMemory } from './idempotency.ts'

const WAITING_LIMIT_BYTES = 16 * 1024 * 1024

/** The log as the journal tells it; `damage` is empty, or says why nothing may be appended. */
export type Recovered = {
  tiles: TileStore
  published: PublishedFiles
  memory: KeyMemory
  heads: Head[]
  journal: Journal
  /** Older journals whose tiles are not known to be durable yet. */
  olderJournals: string[]
  damage: string[]
}

export function foldersOf(folder: string) {
  return {
    tree: join(folder, 'tree'),
    journal: join(folder, 'tree', 'journal'),
    regions: join(folder, 'regions'),
    keys: join(folder, 'keys'),
    idempotency: join(folder, 'idempotency'),
  }
}

/**
 * Brings the folder back to the last whole commit: replays the journal, cuts what was torn, and discards frames that no
 * commit names. Reads that fail throw; content that contradicts itself, or what was signed, is reported as damage, and
 * left as it is.
 */
export async function recover(
  disk: Disk,
  folder: string,
  { secret, signer }: { secret: Buffer; signer: CheckpointSigner },
): Promise<Recovered> {
  const folders = foldersOf(folder)
  const published = createPublishedFiles(disk, folders.tree)
  const inTree = { disk, folder: folders.tree, published }
  for (const path of [folders.tree, folders.regions]) mkdirSync(path, { recursive: true, mode: 0o700 })
  const files = readJournals(folders.journal)
  const damage: string[] = []
  const oldest = files[0]
  if (!oldest) {
    const left = ['checkpoint', 'tile'].filter((name) => existsSync(join(folders.tree, name)))
    if (left.length > 0 || readdirSync(folders.regions).some((name) => !name.startsWith('.')))
      throw new Error(`the log's journal is missing in ${folders.journal}, though there are entries`)
    const tiles = openTileStore(inTree)
    const memory = openKeyMemory(disk, folders.idempotency, secret, 0)
    const state = encodeBase({ tree: tiles.edges(), heads: [] })
    const journal = await createJournal(disk, folders.journal, 0, state)
    return { tiles, published, memory, heads: [], journal, olderJournals: [], damage }
  }

  if (!oldest.records[0]) throw new Error(`the journal ${oldest.path} is damaged at its beginning`)
  const base = decodeBase(oldest.records[0])
  const tiles = openTileStore({ ...inTree, from: base.tree })
  const memory = openKeyMemory(disk, folders.idempotency, secret, base.tree.size)
  const heads = new Map(base.heads.map((head) => [placeKey(head), head]))
  for (const [place, file] of files.entries()) {
    const isLast = place === files.length - 1
    if (file.base !== tiles.size) damage.push(`${file.path} begins at ${file.base}, not at ${tiles.size}`)
    if (file.brokenAt !== undefined && (!isLast || file.goesOn))
      damage.push(`${file.path} is damaged at byte ${file.brokenAt}`)
    for (const payload of file.records.slice(1)) {
      const commit = decodeCommit(payload)
      if (commit.first !== tiles.size) {
        damage.push(`${file.path} goes on with entry ${commit.first} where ${tiles.size} was due`)
        break
      }
      replay(commit, tiles, memory)
      for (const head of commit.heads) heads.set(placeKey(head), head)
      if (tiles.waitingBytes > WAITING_LIMIT_BYTES) tiles.writeFull()
    }
  }
  const all = [...heads.values()]
  damage.push(...(await contradictions(tiles, signer, folders.tree)))
  // Nothing is cut or removed in a log that contradicts itself: it is evidence.
  if (damage.length === 0) damage.push(...(await mendSegments(disk, folders.regions, heads, tiles.size)))
  const journal = await lastJournal(disk, files, damage)
  return {
    tiles,
    published,
    memory,
    heads: all,
    journal,
    olderJournals: files.slice(0, -1).map(({ path }) => path),
    damage,
  }
}

async function lastJournal(disk: Disk, files: JournalFile[], damage: string[]): Promise<Journal> {
  const last = files.at(-1)!
  return continueJournal(disk, damage.length === 0 ? last : { ...last, brokenAt: undefined })
}

function replay({ first, pairs, bundle }: Commit, tiles: TileStore, memory: KeyMemory): void {
  const hashes = splitBundle(bundle.bytes).map((leaf) => leafHash(leaf))
  tiles.append(bundle, Buffer.concat(hashes))
  for (let i = 0; i < pairs.length / 2; i++) memory.insert(pairs[2 * i]!, pairs[2 * i + 1]!, first + i)
  memory.committed(first, pairs)
}

/** Cuts each subject's newest segment to its committed length and removes segments that were never committed. */
async function mendSegments(
  disk: Disk,
  regions: string,
  heads: Map<string, Head>,
  size: number,
): Promise<string[]> {
  const damage: string[] = []
  // `.planted` is no region: see planted.ts.
  for (const region of readdirSync(regions).filter((name) => !name.startsWith('.')))
    for (const subject of readdirSync(join(regions, region))) {
      const head = heads.get(placeKey({ region, subject }))
      for (const name of readdirSync(join(regions, region, subject))) {
        const path = join(regions, region, subject, name)
        const first = Number(name.slice(0, -4))
        if (head && first <= head.first) continue
        if (first >= size || name.endsWith('.tmp')) rmSync(path)
        else damage.push(`${path} is in no commit`)
      }
    }
  for (const head of heads.values()) {
    const path = join(regions, segmentPath(head))
    const length = existsSync(path) ? statSync(path).size : -1
    if (length < head.length)
      damage.push(`${path} ends at byte ${Math.max(length, 0)}, before ${head.length}`)
    if (length <= head.length) continue
    const fd = openSync(path, 'r+')
    try {
      disk.truncate(fd, head.length)
      await disk.sync(fd)
    } finally {
      closeSync(fd)
    }
  }
  return damage
}

/** A log whose journal does not contain what it once signed must never sign again, and nothing of it may be cut. */
async function contradictions(tiles: TileStore, signer: CheckpointSigner, tree: string): Promise<string[]> {
  const note = readCheckpointFile(tree)
  if (!note) return []
  const signed = openCheckpoint(note, signer.vkey)
  if (!signed) return ['its checkpoint is not one that its key signed']
  if (signed.size > tiles.size) return [`it signed ${signed.size} entries and has ${tiles.size}`]
  try {
    const root = await rootAt(signed.size, tiles.hashes)
    return root.equals(signed.root) ? [] : [`its first ${signed.size} entries are not those that it signed`]
  } catch (error) {
    return [`a tile cannot be read: ${(error as Error).message}`]
  }
}
