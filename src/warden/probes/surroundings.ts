import { createHash } from 'node:crypto'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../kernel/errors.ts'
import type { Item } from './item.ts'

/** What the other stores list, each as its own shape is. */
const LISTED_ELSEWHERE: ReadonlySet<string> = new Set([
  ...['instances', 'keyring', 'ledger/keys', 'ledger/regions', 'warden/trash'],
])
/** Of the whole data folder names to this depth; a release's own names are its vendor's. */
const DEPTH = 3
const depthOf = (path: string) => (/^(releases|demo\/crm)\//.test(path) ? 2 : DEPTH)
/** Names that tell of a customer's data wherever they stand: an instance, a database's cluster, a segment of the log. */
const SIGN = /ins_[0-9a-hjkmnp-tv-z]{26}|^PG_VERSION$|^pg_control$|^\d{16}\.seg$/
const ENTRIES_AT_MOST = 1_000_000
const PAGE_SIZE = 10_000

/**
 * Everything in the data folder that no other store lists: names to a depth of three, and at any depth those that tell of a
 * customer's data. Follows no link and opens no file; what cannot be listed throws, so that nothing is passed over.
 */
export async function listSurroundings(
  dataDir: string,
  after: string | undefined,
  signal: AbortSignal,
): Promise<{ items: Item[]; next: string | null }> {
  const found: { path: string; place: string; kind: Item['kind'] }[] = []
  const folders = ['']
  let left = ENTRIES_AT_MOST
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted()
    for (const entry of await entriesOf(join(dataDir, folder))) {
      if (--left < 0)
        throw new AppError('unavailable', 'There is more in the data folder than can be listed.')
      const path = join(folder, entry.name)
      if (LISTED_ELSEWHERE.has(path)) continue
      const depth = path.split('/').length
      const kind = entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other'
      // What lies directly in the data folder is the store of that name.
      if ((depth > 1 && depth <= depthOf(path)) || SIGN.test(entry.name))
        found.push({ path, place: placeOf(path), kind })
      if (kind === 'folder') folders.push(path)
    }
  }
  // A page goes on after a hash: names can be anything.
  const rest = found
    .filter(({ place }) => after === undefined || place > after)
    .sort((a, b) => (a.place < b.place ? -1 : 1))
  const items: Item[] = []
  for (const { path, kind } of rest.slice(0, PAGE_SIZE)) {
    const at = await lstat(join(dataDir, path)).catch(() => undefined)
    if (at) items.push({ path, kind, uid: at.uid, sizeBytes: kind === 'file' ? at.size : null })
  }
  return { items, next: rest.length > PAGE_SIZE ? (rest[PAGE_SIZE - 1]?.place ?? null) : null }
}

const placeOf = (path: string) => createHash('sha256').update(path).digest('hex').slice(0, 32)

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    // Gone meanwhile.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
