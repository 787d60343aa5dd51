import { createCipheriv, hash, hkdfSync, randomFillSync } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../../drivers/kms/contract/canonical-json.ts'
import { type DataKey, openGcm } from '../../drivers/kms/contract/envelope.ts'

/* docs/evidence-format.md, section 7. Nothing here may change; a new form gets a new magic and scheme. */

const MAGIC = Buffer.from('BORGSEG1')
const SCHEME = 'borgen-segment-1/hkdf-sha256/aes-256-gcm'
const HEADER_LIMIT_BYTES = 4096
const FRAME_HEADER_BYTES = 28
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Bytes of a frame around its plaintext. */
export const FRAME_OVERHEAD_BYTES = FRAME_HEADER_BYTES + NONCE_BYTES + TAG_BYTES
/** Bytes of a record in a frame around idempotency key and event. */
export const RECORD_OVERHEAD_BYTES = 8 + 32 + 2 + 4
const FRAME_AAD = Buffer.from('borgen/frame/1\0')

const headerSchema = z.strictObject({
  first: z.number().int().min(0),
  keyId: z.string().regex(/^[0-9a-f]{32}$/),
  keyVersion: z.number().int().min(1),
  region: z.string(),
  subject: z.string(),
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  scheme: z.literal(SCHEME),
  v: z.literal(1),
})
export type SegmentHeader = Pick<
  z.infer<typeof headerSchema>,
  'first' | 'keyId' | 'keyVersion' | 'region' | 'subject' | 'salt'
>

/** What stands in the clear in front of a frame. */
export type FrameHeader = { first: number; last: number; count: number; number: number; sealedBytes: number }
/** A frame's place in its file: `at` is its first byte, `end` the one after its last. */
export type FramePlace = FrameHeader & { at: number; end: number }
/** One sealed event, opened. */
export type SealedRecord = { index: number; salt: Buffer; key: string; event: Buffer }

/** A segment's key and the hash of its header, by which frames are sealed and opened. */
export type SegmentKey = { key: Buffer; headerHash: Buffer }

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const json = Buffer.from(canonicalJson({ ...header, scheme: SCHEME, v: 1 }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([MAGIC, length, json])
}

/** Bytes enough to hold any segment's header. */
export const SEGMENT_HEADER_READ_BYTES = MAGIC.length + 4 + HEADER_LIMIT_BYTES

/** The header at the start of these bytes and its length; throws when they are no segment's. */
export function decodeSegmentHeader(bytes: Buffer): { header: SegmentHeader; raw: Buffer } {
  const start = MAGIC.length + 4
  if (bytes.length < start || !bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw new Error('it does not begin as a segment does')
  const length = bytes.readUInt32BE(MAGIC.length)
  if (length > HEADER_LIMIT_BYTES || bytes.length < start + length) throw new Error('its header is cut short')
  const text = bytes.subarray(start, start + length).toString()
  const { scheme: _scheme, v: _v, ...header } = headerSchema.parse(JSON.parse(text))
  return { header, raw: Buffer.from(bytes.subarray(0, start + length)) }
}

/** Derives the key of one segment; `raw` is its encoded header. */
export function segmentKeyOf(key: DataKey, header: SegmentHeader, raw: Buffer): SegmentKey {
  const info = `borgen/segment/1\0${header.region}\0${header.subject}\0${header.first}`
  const salt = Buffer.from(header.salt, 'hex')
  return {
    key: Buffer.from(hkdfSync('sha256', key.plaintext, salt, info, 32)),
    headerHash: hash('sha256', raw, 'buffer'),
  }
}

/** Seals records (encoded, in rising index order) into the pieces of one frame. */
export function sealFrame(
  key: SegmentKey,
  frame: Omit<FrameHeader, 'sealedBytes'>,
  plaintext: Buffer[],
): Buffer[] {
  const start = Buffer.allocUnsafe(FRAME_HEADER_BYTES + NONCE_BYTES)
  start.writeUInt32BE(plaintext.reduce((sum, piece) => sum + piece.length, TAG_BYTES))
  start.writeBigUInt64BE(BigInt(frame.first), 4)
  start.writeBigUInt64BE(BigInt(frame.last), 12)
  start.writeUInt32BE(frame.count, 20)
  start.writeUInt32BE(frame.number, 24)
  randomFillSync(start, FRAME_HEADER_BYTES, NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key.key, start.subarray(FRAME_HEADER_BYTES), {
    authTagLength: TAG_BYTES,
  })
  cipher.setAAD(Buffer.concat([FRAME_AAD, key.headerHash, start.subarray(0, FRAME_HEADER_BYTES)]))
  const sealed = plaintext.map((piece) => cipher.update(piece))
  cipher.final()
  return [start, ...sealed, cipher.getAuthTag()]
}

/** The frame that begins at `at`; undefined when it is cut short or at the end of the bytes. */
export function frameAt(bytes: Buffer, at: number, offset = 0): FramePlace | undefined {
  if (at + FRAME_OVERHEAD_BYTES > bytes.length) return undefined
  const sealedBytes = bytes.readUInt32BE(at)
  const end = at + FRAME_HEADER_BYTES + NONCE_BYTES + sealedBytes
  if (sealedBytes < TAG_BYTES || end > bytes.length) return undefined
  return {
    first: Number(bytes.readBigUInt64BE(at + 4)),
    last: Number(bytes.readBigUInt64BE(at + 12)),
    count: bytes.readUInt32BE(at + 20),
    number: bytes.readUInt32BE(at + 24),
    sealedBytes,
    at: at + offset,
    end: end + offset,
  }
}

/** Opens a whole frame; throws AppError `forbidden` when anything differs from what was sealed. */
export function openFrame(key: SegmentKey, frame: Buffer): SealedRecord[] {
  const aad = Buffer.concat([FRAME_AAD, key.headerHash, frame.subarray(0, FRAME_HEADER_BYTES)])
  const nonce = frame.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + NONCE_BYTES)
  const plaintext = openGcm(key.key, nonce, aad, frame.subarray(FRAME_HEADER_BYTES + NONCE_BYTES))
  const records: SealedRecord[] = []
  for (let at = 0; at < plaintext.length; ) {
    const keyEnd = at + 42 + plaintext.readUInt16BE(at + 40)
    const end = keyEnd + 4 + plaintext.readUInt32BE(keyEnd)
    records.push({
      index: Number(plaintext.readBigUInt64BE(at)),
      salt: plaintext.subarray(at + 8, at + 40),
      key: plaintext.toString('latin1', at + 42, keyEnd),
      event: plaintext.subarray(keyEnd + 4, end),
    })
    at = end
  }
  return records
}
