import { HASH_BYTES, nodeHash } from './hash.ts'

/**
 * Whether the audit path proves that the leaf with this hash is at `index` in the tree of `size` leaves with this root
 * (RFC 9162 §2.1.3.2). Exact for all 64-bit sizes; hashes of another length prove nothing.
 */
export function verifyInclusion(given: {
  index: bigint
  size: bigint
  leaf: Uint8Array
  hashes: Uint8Array[]
  root: Uint8Array
}): boolean {
  const { index, size, leaf, hashes, root } = given
  if (index < 0n || index >= size || ![leaf, root, ...hashes].every(isHash)) return false
  let fn = index
  let sn = size - 1n
  let r: Uint8Array = leaf
  for (const p of hashes) {
    if (sn === 0n) return false
    if (isOdd(fn) || fn === sn) {
      r = nodeHash(p, r)
      while (!isOdd(fn) && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else r = nodeHash(r, p)
    fn >>= 1n
    sn >>= 1n
  }
  return sn === 0n && isSame(r, root)
}

/**
 * Whether the proof shows that the first `from` leaves of the tree of `to` leaves are the tree with the first root
 * (RFC 9162 §2.1.4.2). From size 0 nothing can be proved: false.
 */
export function verifyConsistency(given: {
  from: bigint
  to: bigint
  fromRoot: Uint8Array
  toRoot: Uint8Array
  hashes: Uint8Array[]
}): boolean {
  const { from, to, fromRoot, toRoot, hashes } = given
  if (from <= 0n || from > to || fromRoot.length === 0 || !hashes.every(isHash)) return false
  if (from === to) return hashes.length === 0 && isSame(fromRoot, toRoot)
  if (hashes.length === 0 || !isHash(fromRoot) || !isHash(toRoot)) return false
  const path = (from & (from - 1n)) === 0n ? [fromRoot, ...hashes] : hashes
  let fn = from - 1n
  let sn = to - 1n
  while (isOdd(fn)) {
    fn >>= 1n
    sn >>= 1n
  }
  let fr = path[0]!
  let sr = path[0]!
  for (const c of path.slice(1)) {
    if (sn === 0n) return false
    if (isOdd(fn) || fn === sn) {
      fr = nodeHash(c, fr)
      sr = nodeHash(c, sr)
      while (!isOdd(fn) && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else sr = nodeHash(sr, c)
    fn >>= 1n
    sn >>= 1n
  }
  return sn === 0n && isSame(fr, fromRoot) && isSame(sr, toRoot)
}

function isOdd(n: bigint): boolean {
  return (n & 1n) === 1n
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
