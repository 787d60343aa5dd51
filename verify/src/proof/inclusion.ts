import { type Rejection, reject } from '../codes.ts'
import { hashSizeBytes, nodeHash, sameHash } from '../merkle/hash.ts'

/** A proof that a leaf stands at an index of a tree; sizes are exact at any magnitude. */
export type Inclusion = {
  index: bigint
  size: bigint
  leafHash: Uint8Array
  hashes: readonly Uint8Array[]
  root: Uint8Array
}

/** Checks an inclusion proof (evidence format 6.1, RFC 9162 §2.1.3.2). */
export function verifyInclusion(proof: Inclusion): { verdict: 'verified' } | Rejection {
  const { index, size, leafHash, hashes, root } = proof
  if (index < 0n || index >= size)
    return reject('index_beyond_size', `leaf ${index} cannot be in a tree of ${size} leaves`)
  if ([leafHash, root, ...hashes].some((hash) => hash.length !== hashSizeBytes))
    return reject('hash_length', 'a hash is not 32 bytes long')
  let fn = index
  let sn = size - 1n
  let r: Uint8Array = leafHash
  for (const p of hashes) {
    if (sn === 0n) return reject('proof_length', 'the proof has more hashes than the way to the root')
    if ((fn & 1n) === 1n || fn === sn) {
      r = nodeHash(p, r)
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n
        sn >>= 1n
      }
    } else {
      r = nodeHash(r, p)
    }
    fn >>= 1n
    sn >>= 1n
  }
  if (sn !== 0n) return reject('proof_length', 'the proof has fewer hashes than the way to the root')
  if (!sameHash(r, root))
    return reject('root_differs', 'leaf and proof lead to another root than the one expected')
  return { verdict: 'verified' }
}
