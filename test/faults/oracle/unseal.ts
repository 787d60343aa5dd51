import { createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/*
 * Opens what a world sealed, written from docs/evidence-format.md (sections 7 and 8) and sharing no code with the product:
 * whoever holds the root key can look at the log and at the database without asking the processes that are judged.
 */

type Wrapped = { scheme: string; key: string; version: string; blob: string }
type Context = Record<string, string>

/** One event of the log as its sealed segment holds it; `key` is the idempotency key it was appended under. */
export type OpenedEvent = {
  index: number
  key: string
  region: string
  subject: string
  event: Record<string, unknown>
}

/** One process's secret of a world, in the clear. */
export function openSecret(dataDir: string, worldId: string, name: string): string {
  const root = rootKeysOf(readFileSync(join(dataDir, 'keys', 'root.key'), 'utf8'))
  const sealed = JSON.parse(readFileSync(join(dataDir, 'secrets', `${name}.sealed`), 'utf8'))
  const context = { purpose: 'process-secret', world: worldId, name }
  const dataKey = unwrap(root, sealed.key, context)
  const aad = canonical({ context, key: sealed.key, scheme: 'borgen-sealed-1' })
  return open(dataKey, base64(sealed.nonce), aad, base64(sealed.ciphertext)).toString('utf8')
}

/** Every event of every segment below the tree's size, in the order of the log. Throws when a whole frame does not open. */
export function openSegments(ledger: string, rootKeyText: string, size: number): OpenedEvent[] {
  const root = rootKeysOf(rootKeyText)
  const events: OpenedEvent[] = []
  const regions = join(ledger, 'regions')
  for (const region of existsSync(regions) ? readdirSync(regions) : [])
    for (const subject of readdirSync(join(regions, region)))
      for (const name of readdirSync(join(regions, region, subject)).sort())
        events.push(...openSegment(join(regions, region, subject, name), ledger, root))
  return events.filter(({ index }) => index < size).sort((a, b) => a.index - b.index)
}

function openSegment(file: string, ledger: string, root: Map<string, Buffer>): OpenedEvent[] {
  const bytes = readFileSync(file)
  if (bytes.length < 12) return []
  const headerEnd = 12 + bytes.readUInt32BE(8)
  if (bytes.length < headerEnd) return []
  const header = JSON.parse(bytes.toString('utf8', 12, headerEnd))
  const { region, subject } = header
  const stored = join(ledger, 'keys', region, `${subject}.${header.keyVersion}.json`)
  if (!existsSync(stored)) return []
  const { keyId, purpose, version, wrapped } = JSON.parse(readFileSync(stored, 'utf8'))
  const dataKey = unwrap(root, wrapped, { keyId, purpose, region, subject, version: String(version) })
  const info = `borgen/segment/1\0${region}\0${subject}\0${header.first}`
  const key = derive(dataKey, Buffer.from(header.salt, 'hex'), info)
  const headerHash = createHash('sha256').update(bytes.subarray(0, headerEnd)).digest()
  const events: OpenedEvent[] = []
  for (let at = headerEnd; at + 40 <= bytes.length; ) {
    const end = at + 40 + bytes.readUInt32BE(at)
    if (end > bytes.length) break
    const aad = Buffer.concat([Buffer.from('borgen/frame/1\0'), headerHash, bytes.subarray(at, at + 28)])
    const plain = open(key, bytes.subarray(at + 28, at + 40), aad, bytes.subarray(at + 40, end))
    events.push(...recordsIn(plain).map((record) => ({ ...record, region, subject })))
    at = end
  }
  return events
}

function recordsIn(plain: Buffer): { index: number; key: string; event: Record<string, unknown> }[] {
  const records = []
  for (let at = 0; at < plain.length; ) {
    const keyEnd = at + 42 + plain.readUInt16BE(at + 40)
    const end = keyEnd + 4 + plain.readUInt32BE(keyEnd)
    const event = JSON.parse(plain.toString('utf8', keyEnd + 4, end))
    records.push({
      index: Number(plain.readBigUInt64BE(at)),
      key: plain.toString('latin1', at + 42, keyEnd),
      event,
    })
    at = end
  }
  return records
}

function rootKeysOf(text: string): Map<string, Buffer> {
  const parts = text.trim().split(',')
  return new Map(
    parts.map((part) => {
      const [version, key] = part.includes(':') ? part.split(':') : ['1', part]
      return [version ?? '1', base64(key ?? '')]
    }),
  )
}

function unwrap(root: Map<string, Buffer>, wrapped: Wrapped, context: Context): Buffer {
  const { blob, ...named } = wrapped
  const key = root.get(wrapped.version)
  if (!key) throw new Error(`there is no root key of version ${wrapped.version}`)
  const info = `borgen/kms-local/1\0${wrapped.key}\0${wrapped.version}`
  const bytes = base64(blob)
  return open(
    derive(key, Buffer.alloc(0), info),
    bytes.subarray(0, 12),
    canonical({ ...named, context }),
    bytes.subarray(12),
  )
}

function derive(key: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, 32))
}

function open(key: Buffer, nonce: Buffer, aad: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(sealed.length - 16))
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - 16)), decipher.final()])
}

const base64 = (text: string) => Buffer.from(text, 'base64')

/** RFC 8785 for objects of strings and objects, which is all that additional data is made of. */
function canonical(value: unknown): Buffer {
  const write = (part: unknown): string =>
    typeof part === 'object' && part !== null
      ? `{${Object.entries(part)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, member]) => `${JSON.stringify(name)}:${write(member)}`)
          .join(',')}}`
      : JSON.stringify(part)
  return Buffer.from(write(value))
}
