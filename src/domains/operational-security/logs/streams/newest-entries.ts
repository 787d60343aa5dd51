import type { LedgerClient } from '../../../../ledger/client/client.ts'
import { tilePath } from '../published-tree.ts'

export const STREAMS = ['event', 'audit', 'error', 'administrator', 'operator'] as const
export type Stream = (typeof STREAMS)[number]

/** When the newest entry of each stream about each subject was taken, epoch ms by the log's clock. */
export type NewestEntries = ReadonlyMap<string, Readonly<Partial<Record<Stream, number>>>>

const BUNDLE = 256
/** One million entries; a longer log is read further in the next runs. */
const BUNDLES_AT_ONCE = 4_096

/**
 * Reads the public headers of the log, no event and no key: at first backwards as far as `backToMs`, later only what is new.
 * `isComplete` is false while there is more to be read than one run takes.
 */
export function createNewestEntries(ledger: Pick<LedgerClient, 'health' | 'tile'>) {
  const newest = new Map<string, Partial<Record<Stream, number>>>()
  let first: number | undefined
  let next = 0

  const note = (header: Header) => {
    const stream = STREAMS.find((one) => one === header.stream)
    if (stream === undefined) return
    const seen = newest.get(header.subject) ?? {}
    newest.set(header.subject, { ...seen, [stream]: Math.max(seen[stream] ?? 0, header.time) })
  }
  const read = async (bundle: number, size: number) => {
    const width = Math.min(BUNDLE, size - bundle * BUNDLE)
    return headersOf(await ledger.tile(tilePath('entries', bundle, width)))
  }

  return async (backToMs: number): Promise<{ newest: NewestEntries; isComplete: boolean }> => {
    const { size } = await ledger.health()
    let budget = BUNDLES_AT_ONCE
    if (first === undefined) next = first = size
    for (; next < size && budget > 0; budget--) {
      const bundle = Math.floor(next / BUNDLE)
      const headers = await read(bundle, size)
      for (const header of headers.slice(next - bundle * BUNDLE)) note(header)
      next = bundle * BUNDLE + headers.length
    }
    for (; first > 0 && budget > 0; budget--) {
      const bundle = Math.floor((first - 1) / BUNDLE)
      const headers = (await read(bundle, size)).slice(0, first - bundle * BUNDLE)
      for (const header of headers) note(header)
      first = bundle * BUNDLE
      if (headers.every(({ time }) => time < backToMs)) first = 0
    }
    return { newest, isComplete: next === size && first === 0 }
  }
}

type Header = { subject: string; region: string; stream: string; time: number }

/** The public headers in a bundle of the tree. */
export function headersOf(bundle: Buffer): Header[] {
  const headers: Header[] = []
  for (let at = 0; at + 2 <= bundle.length; ) {
    const end = at + 2 + bundle.readUInt16BE(at)
    headers.push(JSON.parse(bundle.toString('utf8', at + 2, end)))
    at = end
  }
  return headers
}
