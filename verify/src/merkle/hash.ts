import { hash } from 'node:crypto'

/** Bytes of every hash in the tree. */
export const hashSizeBytes = 32

const leafPrefix = Buffer.from([0x00])
const nodeInput = Buffer.alloc(1 + 2 * hashSizeBytes)
nodeInput[0] = 0x01

/** SHA-256 of the bytes. */
export function sha256(bytes: Uint8Array): Buffer {
  // By way of a string the result lies in Node's pool; asked for as a buffer it is an allocation of its own, which
  // the collector frees late: over a million leaves that is hundreds of megabytes.
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1')
}

/** RFC 6962 §2.1 hash of a leaf: SHA-256(0x00 ‖ leaf data). */
export function leafHash(leaf: Uint8Array): Buffer {
  return sha256(Buffer.concat([leafPrefix, leaf]))
}

/** RFC 6962 §2.1 hash of a node: SHA-256(0x01 ‖ left ‖ right); both must be 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + hashSizeBytes)
  return sha256(nodeInput)
}

/** The root of a perfect subtree whose hashes (a power of two of them) are joined in these bytes, which are overwritten. */
export function rootInPlace(hashes: Buffer): Buffer {
  for (let width = hashes.length; width > hashSizeBytes; width /= 2)
    for (let at = 0; at < width; at += 2 * hashSizeBytes) {
      hashes.copy(nodeInput, 1, at, at + 2 * hashSizeBytes)
      hashes.write(hash('sha256', nodeInput, 'binary'), at / 2, 'latin1')
    }
  return Buffer.from(hashes.subarray(0, hashSizeBytes))
}

/** The root of a tree without leaves. */
export const emptyRoot = sha256(new Uint8Array())

/** Says whether two hashes are the same bytes. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
