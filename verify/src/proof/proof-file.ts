import { fromHex, printable } from '../bytes.ts'
import { type Rejection, reject } from '../codes.ts'
import { hashSizeBytes } from '../merkle/hash.ts'
import { type JsonObject, parseJsonObject, sizeOf } from './json-object.ts'

/** An inclusion proof as a file holds it (evidence format 6.1). */
export type InclusionFile = { verdict: 'verified'; index: bigint; size: bigint; hashes: Buffer[] }
/** A consistency proof as a file holds it (evidence format 6.2). */
export type ConsistencyFile = { verdict: 'verified'; from: bigint; to: bigint; hashes: Buffer[] }

/** Reads the text of an inclusion proof; nothing is proved yet. */
export function parseInclusionFile(text: string): InclusionFile | Rejection {
  const json = parseJsonObject(text)
  return 'verdict' in json ? json : inclusionOf(json.object)
}

/** Reads an inclusion proof from a parsed object, as it stands inside an exported event. */
export function inclusionOf(object: JsonObject): InclusionFile | Rejection {
  const parts = partsOf(object, 'borgen-inclusion-1', ['index', 'size'])
  if ('verdict' in parts) return parts
  const { sizes, hashes } = parts
  return { verdict: 'verified', index: sizes[0]!, size: sizes[1]!, hashes }
}

/** Reads the text of a consistency proof; nothing is proved yet. */
export function parseConsistencyFile(text: string): ConsistencyFile | Rejection {
  const json = parseJsonObject(text)
  if ('verdict' in json) return json
  const parts = partsOf(json.object, 'borgen-consistency-1', ['from', 'to'])
  if ('verdict' in parts) return parts
  const { sizes, hashes } = parts
  return { verdict: 'verified', from: sizes[0]!, to: sizes[1]!, hashes }
}

function partsOf(
  object: JsonObject,
  format: string,
  names: string[],
): { sizes: bigint[]; hashes: Buffer[] } | Rejection {
  if (object.format !== format)
    return reject('format_unknown', `"format" is ${shown(object.format)}, expected was "${format}"`)
  const known = ['format', 'hashes', ...names]
  for (const name of Object.keys(object))
    if (!known.includes(name))
      return reject('shape_wrong', `"${printable(name, 40)}" is no member of ${format}`)
  const sizes: bigint[] = []
  for (const name of names) {
    const size = sizeOf(object[name])
    if (size === undefined)
      return reject(
        'shape_wrong',
        `"${name}" is ${shown(object[name])}, neither an integer nor a decimal string`,
      )
    sizes.push(size)
  }
  const hashes = hashesOf(object.hashes)
  return 'verdict' in hashes ? hashes : { sizes, hashes }
}

function hashesOf(value: unknown): Buffer[] | Rejection {
  if (!Array.isArray(value)) return reject('shape_wrong', '"hashes" is not a list')
  const hashes: Buffer[] = []
  for (const [i, item] of value.entries()) {
    const hash = typeof item === 'string' ? fromHex(item, hashSizeBytes) : undefined
    if (hash === undefined)
      return reject('hash_length', `hash ${i} of the proof is ${shown(item)}, not 64 lower-case hex digits`)
    hashes.push(hash)
  }
  return hashes
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : printable(JSON.stringify(value), 80)
}
