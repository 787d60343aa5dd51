// A log written from docs/evidence-format.md for tests only: it shares no code with the verifier, and recomputes
// everything the plain way, so that the two can disagree.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

export type Signer = { name: string; vkey: string; privateKey: KeyObject; keyId: Buffer }

function sha(...parts: (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** A key; `type` 4 is a witness's. */
export function makeSigner(name: string, type = 1): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const blob = Buffer.concat([Buffer.from([type]), raw])
  const keyId = sha(name, '\n', blob).subarray(0, 4)
  return { name, privateKey, keyId, vkey: `${name}+${keyId.toString('hex')}+${blob.toString('base64')}` }
}

export function leafOf(i: number, c: string, changes: Record<string, unknown> = {}): string {
  const subject = i % 3 === 0 ? 'plane' : `ins_${'0123456789abcdefghjkmnpqrs'}`
  const header = {
    c,
    region: 'eu-frankfurt',
    stream: 'audit',
    subject,
    time: 1795425264000 + i,
    type: 'contact.created',
    v: 1,
  }
  return JSON.stringify({ ...header, ...changes })
}

export function someLeaves(count: number, seed = ''): string[] {
  return Array.from({ length: count }, (_, i) => leafOf(i, sha(`${seed}${i}`).toString('hex')))
}

export const leafHashOf = (leaf: string) => sha(Buffer.from([0]), leaf)
export const nodeHashOf = (left: Buffer, right: Buffer) => sha(Buffer.from([1]), left, right)

/** RFC 6962 §2.1, word for word. */
export function rootOf(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return sha('')
  if (hashes.length === 1) return hashes[0]!
  const k = 2 ** Math.ceil(Math.log2(hashes.length) - 1)
  return nodeHashOf(rootOf(hashes.slice(0, k)), rootOf(hashes.slice(k)))
}

/** RFC 6962 §2.1.1, word for word. */
export function auditPath(index: number, hashes: readonly Buffer[]): Buffer[] {
  if (hashes.length <= 1) return []
  const k = 2 ** Math.ceil(Math.log2(hashes.length) - 1)
  return index < k
    ? [...auditPath(index, hashes.slice(0, k)), rootOf(hashes.slice(k))]
    : [...auditPath(index - k, hashes.slice(k)), rootOf(hashes.slice(0, k))]
}

/** RFC 6962 §2.1.2, word for word. */
export function consistencyPath(from: number, hashes: readonly Buffer[], whole = true): Buffer[] {
  if (from === hashes.length) return whole ? [] : [rootOf(hashes)]
  const k = 2 ** Math.ceil(Math.log2(hashes.length) - 1)
  return from <= k
    ? [...consistencyPath(from, hashes.slice(0, k), whole), rootOf(hashes.slice(k))]
    : [...consistencyPath(from - k, hashes.slice(k), false), rootOf(hashes.slice(0, k))]
}

export function noteOf(signer: Signer, text: string, others = ''): string {
  const blob = Buffer.concat([signer.keyId, sign(null, Buffer.from(text), signer.privateKey)])
  return `${text}\n${others}\u2014 ${signer.name} ${blob.toString('base64')}\n`
}

/** A witness's line under a note (c2sp.org/tlog-cosignature). */
export function cosigned(note: string, witness: Signer, timeSeconds: number): string {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1)
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(timeSeconds))
  const signature = sign(
    null,
    Buffer.from(`cosignature/v1\ntime ${timeSeconds}\n${text}`),
    witness.privateKey,
  )
  const blob = Buffer.concat([witness.keyId, time, signature])
  return `${note}\u2014 ${witness.name} ${blob.toString('base64')}\n`
}

export function checkpointOf(signer: Signer, size: number | bigint, root: Buffer, others = ''): string {
  return noteOf(signer, `${signer.name}\n${size}\n${root.toString('base64')}\n`, others)
}

/** tlog-tiles: 1234067 is x001/x234/067. */
function numberPath(number: number): string {
  let rest = number
  let text = String(rest % 1000).padStart(3, '0')
  while (rest >= 1000) {
    rest = Math.floor(rest / 1000)
    text = `x${String(rest % 1000).padStart(3, '0')}/${text}`
  }
  return text
}

export function write(tree: string, file: string, bytes: Uint8Array | string): void {
  const at = path.join(tree, file)
  fs.mkdirSync(path.dirname(at), { recursive: true })
  fs.writeFileSync(at, bytes)
}

function tileFile(level: number | 'entries', number: number, width: number): string {
  return `tile/${level}/${numberPath(number)}${width === 256 ? '' : `.p/${width}`}`
}

export function bundleOf(leaves: readonly string[]): Buffer {
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(leaf.length)
      return [length, Buffer.from(leaf)]
    }),
  )
}

export type WrittenLog = {
  tree: string
  signer: Signer
  leaves: readonly string[]
  hashes: Buffer[]
  root: Buffer
}

/** Writes a whole log; `leafHashes` may lie about the leaves, as an attacker's would. */
export function writeLog(
  tree: string,
  leaves: readonly string[],
  signer: Signer,
  leafHashes?: Buffer[],
): WrittenLog {
  const hashes = leafHashes ?? leaves.map(leafHashOf)
  for (let i = 0; i < leaves.length; i += 256) {
    const some = leaves.slice(i, i + 256)
    write(tree, tileFile('entries', i / 256, some.length), bundleOf(some))
  }
  let row: Buffer[] = hashes
  for (let level = 0; row.length > 0; level++) {
    const next: Buffer[] = []
    for (let i = 0; i < row.length; i += 256) {
      const some = row.slice(i, i + 256)
      write(tree, tileFile(level, i / 256, some.length), Buffer.concat(some))
      if (some.length === 256) next.push(rootOf(some))
    }
    row = next
  }
  const root = rootOf(hashes)
  write(tree, 'checkpoint', checkpointOf(signer, leaves.length, root))
  write(tree, 'vkey', `${signer.vkey}\n`)
  return { tree, signer, leaves, hashes, root }
}

/** All files below a folder, with slashes, sorted. */
export function filesOf(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
}
