import { type Rejection, reject } from '../codes.ts'
import { hashSizeBytes, nodeHash, sameHash } from '../merkle/hash.ts'

/** A proof that a tree is the beginning of a larger one; sizes are exact at any magnitude. */
export type Consistency = {
  from: bigint
  to: bigint
  fromRoot: Uint8Array
  toRoot: Uint8Array
  hashes: readonly Uint8Array[]
}

/** Checks a consistency proof (evidence format 6.2, RFC 9162 §2.1.4.2); from the empty tree nothing can be proved. */
export function verifyConsistency(proof: Consistency): { verdict: 'verified' } | Rejection {
  const { from, to, fromRoot, toRoot, hashes } = proof
  if (from <= 0n) return reject('size_zero', 'from the empty tree nothing would be proved')
  if (from > to) return reject('size_order', `a tree of ${from} leaves is not the beginning of one of ${to}`)
  if (fromRoot.length === 0 || toRoot.length === 0) return reject('hash_length', 'a root is empty')
  if (hashes.some((hash) => hash.length !== hashSizeBytes))
    return reject('hash_length', 'a hash is not 32 bytes long')
  if (from === to) {
    if (hashes.length > 0) return reject('proof_length', 'between trees of one size the proof has no hashes')
    return sameHash(fromRoot, toRoot)
      ? { verdict: 'verified' }
      : reject('root_differs', 'two trees of one size have different roots')
  }
  // Roots may have any length only where nothing is computed from them (published vectors do so).
  if (fromRoot.length !== hashSizeBytes || toRoot.length !== hashSizeBytes)
    return reject('hash_length', 'a root is not 32 bytes long')
  if (hashes.length === 0) return reject('proof_length', 'the proof has no hashes')
  return walk(from, to, fromRoot, toRoot, hashes)
}

function walk(
  from: bigint,
  to: bigint,
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
  hashes: readonly Uint8Array[],
): { verdict: 'verified' } | Rejection {
  const powerOfTwo = (from & (from - 1n)) === 0n
  const [first, ...rest] = powerOfTwo ? [fromRoot, ...hashes] : hashes
  let fn = from - 1n
  let sn = to - 1n
  while ((fn & 1n) === 1n) {
    fn >>= 1n
    sn >>= 1n
  }
  let fr = first!
  let sr = first!
  for (const c of rest) {
    if (sn === 0n) return reject('proof_length', 'the proof has more hashes than the way to the root')
    if ((fn & 1n) === 1n || fn === sn) {
      fr = nodeHash(c, fr)
      sr = nodeHash(c, sr)
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else {
      sr = nodeHash(sr, c)
    }
    fn >>= 1n
    sn >>= 1n
  }
  if (sn !== 0n) return reject('proof_length', 'the proof has fewer hashes than the way to the root')
  if (!sameHash(fr, fromRoot)) return reject('root_differs', 'the proof leads to another earlier root')
  if (!sameHash(sr, toRoot)) return reject('root_differs', 'the proof leads to another later root')
  return { verdict: 'verified' }
}
