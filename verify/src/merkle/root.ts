import { emptyRoot, nodeHash, rootInPlace } from './hash.ts'

/** The roots of the perfect subtrees over these hashes, largest first: one for each 1 bit of their number. */
export function peaksOf(hashes: readonly Buffer[]): Buffer[] {
  const peaks: Buffer[] = []
  let start = 0
  for (let size = 2 ** Math.floor(Math.log2(hashes.length || 1)); size >= 1; size /= 2) {
    if (hashes.length - start < size) continue
    peaks.push(rootInPlace(Buffer.concat(hashes.slice(start, start + size))))
    start += size
  }
  return peaks
}

/** The RFC 6962 root of a tree whose perfect subtrees, largest (leftmost) first, have these roots. */
export function rootOfPeaks(peaks: readonly Buffer[]): Buffer {
  return peaks.length === 0 ? emptyRoot : peaks.reduceRight((right, left) => nodeHash(left, right))
}
