import type { ExportedEntry } from './log.ts'

/** What this browser could show of an exported entry by itself; docs/evidence-format.md says each step. */
export type EntryCheck = {
  /** Its event is the one that the leaf commits to; null when it was erased with its key. */
  isContentTrue: boolean | null
  /** Its place in the tree leads to the root of the checkpoint. */
  isInTree: boolean
  size: number
  root: string
}

const bytesOfHex = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const hexOf = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole))
}

/** Recomputes commitment and root from what the server sent; nothing that it says about them is taken on trust. */
export async function checkEntry(entry: ExportedEntry): Promise<EntryCheck> {
  const leaf = latin1(entry.leaf)
  const { c } = JSON.parse(entry.leaf) as { c: string }
  const content =
    entry.salt === null || entry.event === null
      ? null
      : hexOf(await sha256(bytesOfHex(entry.salt), new TextEncoder().encode(entry.event))) === c
  const [, sizeLine = '', rootLine = ''] = entry.checkpoint.split('\n')
  const root = Uint8Array.from(atob(rootLine), (letter) => letter.charCodeAt(0))
  const size = Number(sizeLine)
  const reached = await rootOver(
    await sha256(new Uint8Array([0]), leaf),
    entry.index,
    size,
    entry.proof.hashes,
  )
  return {
    isContentTrue: content,
    isInTree: reached !== undefined && hexOf(reached) === hexOf(root),
    size,
    root: hexOf(root),
  }
}

/** RFC 9162 §2.1.3.2; undefined for a path that fits no tree of this size. */
async function rootOver(
  leaf: Uint8Array,
  index: number,
  size: number,
  hashes: readonly string[],
): Promise<Uint8Array | undefined> {
  if (!Number.isSafeInteger(size) || index < 0 || index >= size) return undefined
  let [fn, sn, r] = [BigInt(index), BigInt(size) - 1n, leaf]
  for (const hash of hashes) {
    const p = bytesOfHex(hash)
    if (sn === 0n || p.length !== 32) return undefined
    if (fn % 2n === 1n || fn === sn) {
      r = await sha256(new Uint8Array([1]), p, r)
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n]
    } else r = await sha256(new Uint8Array([1]), r, p)
    ;[fn, sn] = [fn >> 1n, sn >> 1n]
  }
  return sn === 0n ? r : undefined
}
