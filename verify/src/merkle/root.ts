import { emptyRoot, nodeHash } from './hash.ts'

/** The roots of the perfect subtrees over these hashes, largest first: one for each 1 bit of their number. */
export function peaksOf(hashes: readonly Buffer[]): Buffer[] {
  const peaks: Buffer[] = []
  let start = 0
  for (let size = 2 ** Math.floor(Math.log2(hashes.length || 1)); size >= 1; size /= 2) {
    if (hashes.length - start < size) continue
    peaks.push(perfectRoot(hashes.slice(start, start + size)))
    start += size
  }
  return peaks
}

function perfectRoot(row: Buffer[]): Buffer {
  let hashes = row
  while (hashes.length > 1) {
    const next: Buffer[] = []
    for (let i = 0; i < hashes.length; i += 2) next.push(nodeHash(hashes[i]!, hashes[i + 1]!))
    hashes = next
  }
  return hashes[0]!
}

/** The RFC 6962 root of a tree whose perfect subtrees, largest (leftmost) first, have these roots. */
export function rootOfPeaks(peaks: readonly Buffer[]): Buffer {
  return peaks.length === 0 ? emptyRoot : peaks.reduceRight((right, left) => nodeHash(left, right))
}
