import { createHash, randomBytes } from 'node:crypto'

/** A bearer secret of 256 random bits with a prefix that scanners can find. Shown once; only its hash is kept. */
export function newSecretToken(prefix: 'bgn' | 'bgs' | 'bgl'): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`
}

/** What is stored and looked up. A hash of 256 random bits needs no salt, and looking it up by index leaks no prefix. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
