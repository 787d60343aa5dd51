import { hash } from 'node:crypto'

/** Bytes of every hash in the tree. */
export const hashSizeBytes = 32

const leafPrefix = Buffer.from([0x00])
const nodeInput = Buffer.alloc(1 + 2 * hashSizeBytes)
nodeInput[0] = 0x01

/** SHA-256 of the bytes. */
export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer')
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

/** The root of a tree without leaves. */
export const emptyRoot = sha256(new Uint8Array())

/** Says whether two hashes are the same bytes. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
