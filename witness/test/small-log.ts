import { createHash, generateKeyPairSync, sign } from 'node:crypto'

/** A transparency log the plain way, for tests: every hash is computed anew, straight from RFC 6962. */
export type SmallLog = {
  origin: string
  vkey: string
  leaves: Buffer[]
  root(size?: number): Buffer
  checkpoint(size?: number, root?: Buffer): string
  consistency(from: number, to?: number): Buffer[]
  /** The body of an add-checkpoint request. */
  request(old: number, size?: number): string
  /** A log with the same key and its own further life. */
  fork(size: number): SmallLog
}

const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
const leafHash = (leaf: Buffer) => sha(Buffer.of(0), leaf)

export function smallLog(
  origin: string,
  leaves: Buffer[] = [],
  keys = generateKeyPairSync('ed25519'),
): SmallLog {
  const raw = keys.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const keyId = sha(Buffer.from(`${origin}\n`), Buffer.of(1), raw).subarray(0, 4)
  const log: SmallLog = {
    origin,
    leaves,
    vkey: `${origin}+${keyId.toString('hex')}+${Buffer.concat([Buffer.of(1), raw]).toString('base64')}`,
    root: (size = leaves.length) => rootOf(leaves.slice(0, size)),
    checkpoint(size = leaves.length, root = log.root(size)) {
      const text = `${origin}\n${size}\n${root.toString('base64')}\n`
      const signature = sign(null, Buffer.from(text), keys.privateKey)
      return `${text}\n\u2014 ${origin} ${Buffer.concat([keyId, signature]).toString('base64')}\n`
    },
    consistency: (from, to = leaves.length) => proofOf(from, leaves.slice(0, to), true),
    request(old, size = leaves.length) {
      const proof = old > 0 && old < size ? log.consistency(old, size) : []
      return `old ${old}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${log.checkpoint(size)}`
    },
    fork: (size) => smallLog(origin, leaves.slice(0, size), keys),
  }
  return log
}

function rootOf(leaves: Buffer[]): Buffer {
  if (leaves.length === 0) return sha()
  if (leaves.length === 1) return leafHash(leaves[0]!)
  const k = split(leaves.length)
  return sha(Buffer.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)))
}

// RFC 6962 §2.1.2, word for word.
function proofOf(m: number, leaves: Buffer[], isWhole: boolean): Buffer[] {
  const n = leaves.length
  if (m === n) return isWhole ? [] : [rootOf(leaves)]
  const k = split(n)
  if (m <= k) return [...proofOf(m, leaves.slice(0, k), isWhole), rootOf(leaves.slice(k))]
  return [...proofOf(m - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))]
}

function split(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
