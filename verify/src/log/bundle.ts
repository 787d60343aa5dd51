import { leafLimitBytes, parseLeaf } from '../leaf/leaf.ts'
import { leafHash } from '../merkle/hash.ts'

/** One entry of a bundle: where its record begins, its leaf's hash, and what is wrong with its leaf data, if anything. */
export type BundleEntry = { offset: number; hash: Buffer; fault: string | undefined }

/** The entries of a bundle, where the last of them ends, and where and how the structure breaks, if it does. */
export type Bundle = {
  entries: BundleEntry[]
  end: number
  broken: { offset: number; why: string } | undefined
}

/** Splits a bundle into exactly this many entries; `exact` says that nothing may follow them. */
export function parseBundle(bytes: Buffer, count: number, exact: boolean): Bundle {
  const entries: BundleEntry[] = []
  let offset = 0
  while (entries.length < count) {
    const broken = breakAt(bytes, offset, entries.length, count)
    if (broken !== undefined) return { entries, end: offset, broken: { offset, why: broken } }
    const end = offset + 2 + bytes.readUInt16BE(offset)
    const leaf = bytes.subarray(offset + 2, end)
    const parsed = parseLeaf(leaf)
    entries.push({ offset, hash: leafHash(leaf), fault: typeof parsed === 'string' ? parsed : undefined })
    offset = end
  }
  if (exact && offset !== bytes.length)
    return {
      entries,
      end: offset,
      broken: { offset, why: `${bytes.length - offset} more bytes follow the last entry` },
    }
  return { entries, end: offset, broken: undefined }
}

/** Why no entry can begin at this byte of a bundle, or undefined when one does. */
export function breakAt(bytes: Buffer, offset: number, entry: number, count: number): string | undefined {
  const left = bytes.length - offset
  if (left === 0) return `the bundle ends after ${entry} of ${count} entries`
  if (left < 2) return 'the bundle ends inside the length of an entry'
  const length = bytes.readUInt16BE(offset)
  if (length > leafLimitBytes)
    return `an entry says it is ${length} bytes long; at most ${leafLimitBytes} are allowed`
  if (length > left - 2)
    return `an entry says it is ${length} bytes long, but the file has only ${left - 2} more`
  return undefined
}
