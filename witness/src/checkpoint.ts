import { fromBase64 } from './keys.ts'

/** A checkpoint as it was sent: what it states, and its signature lines, of which none is checked yet. */
export type Checkpoint = {
  /** Everything that is signed, with its last newline. */
  text: string
  origin: string
  size: bigint
  root: Buffer
  signatures: { line: string; name: string; keyId: Buffer; signature: Buffer }[]
}

const NOTE_LIMIT = 65_536
const SIGNATURE_LIMIT = 100
const SIZE_LIMIT = 2n ** 64n

/** Reads a signed note (c2sp.org/signed-note) that is a checkpoint (c2sp.org/tlog-checkpoint); undefined for anything else. */
export function parseCheckpoint(note: string): Checkpoint | undefined {
  const split = note.lastIndexOf('\n\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (split < 0 || note.length > NOTE_LIMIT || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return undefined
  const text = note.slice(0, split + 1)
  const lines = text.slice(0, -1).split('\n')
  const [origin, size = '', root = ''] = lines
  const rootBytes = fromBase64(root)
  if (!origin || lines.includes('') || rootBytes?.length !== 32) return undefined
  const sizeIs = parseSize(size)
  const rest = note.slice(split + 2)
  if (sizeIs === undefined || rest === '' || !rest.endsWith('\n')) return undefined
  const signed = rest.slice(0, -1).split('\n')
  if (signed.length > SIGNATURE_LIMIT) return undefined
  const signatures = signed.flatMap((line) => parseSignature(line) ?? [])
  // One malformed line makes the whole note malformed, whoever's it is.
  if (signatures.length !== signed.length) return undefined
  return { text, origin, size: sizeIs, root: rootBytes, signatures }
}

/** A tree size in decimal without leading zeros, below 2^64. */
export function parseSize(text: string): bigint | undefined {
  if (!/^(0|[1-9]\d{0,19})$/.test(text)) return undefined
  const size = BigInt(text)
  return size < SIZE_LIMIT ? size : undefined
}

function parseSignature(line: string): Checkpoint['signatures'][number] | undefined {
  const [, name, encoded] = /^\u2014 ([^+\s]+) (\S+)$/u.exec(line) ?? []
  const bytes = fromBase64(encoded ?? '')
  if (name === undefined || bytes === undefined || bytes.length < 5) return undefined
  return { line: `${line}\n`, name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) }
}
