import type { LedgerClient } from '../../../ledger/client/client.ts'
import { tilePath } from './published-tree.ts'
import { headersOf } from './streams/newest-entries.ts'

/** How many entries the tree has of each `<region>/<subject>`, as far as it was read. */
export type EntryCounts = { of: ReadonlyMap<string, number>; read: number; size: number }

const BUNDLE = 256
/** Half a million entries; a longer log is read further in the next runs. */
const BUNDLES_AT_ONCE = 2_048

/** Counts by the public headers, each read once: no event and no key. */
export function createEntryCounts(ledger: Pick<LedgerClient, 'health' | 'tile'>): () => Promise<EntryCounts> {
  const counts = new Map<string, number>()
  let next = 0
  return async () => {
    const { size } = await ledger.health()
    for (let budget = BUNDLES_AT_ONCE; next < size && budget > 0; budget--) {
      const bundle = Math.floor(next / BUNDLE)
      const width = Math.min(BUNDLE, size - bundle * BUNDLE)
      const headers = headersOf(await ledger.tile(tilePath('entries', bundle, width)))
      for (const { region, subject } of headers.slice(next - bundle * BUNDLE)) {
        const place = `${region}/${subject}`
        counts.set(place, (counts.get(place) ?? 0) + 1)
      }
      next = bundle * BUNDLE + headers.length
    }
    return { of: counts, read: next, size }
  }
}
