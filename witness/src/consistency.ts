import { createHash } from 'node:crypto'

/** The root of a tree without leaves (RFC 6962 §2.1). */
export const EMPTY_ROOT = createHash('sha256').digest()

/**
 * Whether these hashes prove that the first `from` leaves of the tree `to` are the tree `from` (RFC 9162 §2.1.4.2). From the
 * empty tree only the empty proof is good; between trees of one size the roots decide.
 */
export function isConsistent(
  from: { size: bigint; root: Buffer },
  to: { size: bigint; root: Buffer },
  hashes: readonly Buffer[],
): boolean {
  if (from.size > to.size) return false
  if (from.size === 0n) return hashes.length === 0
  if (from.size === to.size) return hashes.length === 0 && from.root.equals(to.root)
  if (hashes.length === 0) return false
  const isPerfect = (from.size & (from.size - 1n)) === 0n
  const [first, ...rest] = isPerfect ? [from.root, ...hashes] : hashes
  let fn = from.size - 1n
  let sn = to.size - 1n
  while (fn & 1n) [fn, sn] = [fn >> 1n, sn >> 1n]
  let [fr, sr] = [first!, first!]
  for (const hash of rest) {
    if (sn === 0n) return false
    if (fn & 1n || fn === sn) {
      ;[fr, sr] = [nodeHash(hash, fr), nodeHash(hash, sr)]
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n]
    } else sr = nodeHash(sr, hash)
    ;[fn, sn] = [fn >> 1n, sn >> 1n]
  }
  return sn === 0n && fr.equals(from.root) && sr.equals(to.root)
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest()
}
