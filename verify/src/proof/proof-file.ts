import { fromHex, printable } from '../bytes.ts'
import { type Rejection, reject } from '../codes.ts'
import { hashSizeBytes } from '../merkle/hash.ts'
import { type JsonObject, parseJsonObject } from './json-object.ts'

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
  const wrong = wrongShape(object, 'borgen-inclusion-1', ['index', 'size'])
  if (wrong) return wrong
  const hashes = hashesOf(object.hashes)
  if ('verdict' in hashes) return hashes
  return {
    verdict: 'verified',
    index: BigInt(object.index as number),
    size: BigInt(object.size as number),
    hashes,
  }
}

/** Reads the text of a consistency proof; nothing is proved yet. */
export function parseConsistencyFile(text: string): ConsistencyFile | Rejection {
  const json = parseJsonObject(text)
  if ('verdict' in json) return json
  const wrong = wrongShape(json.object, 'borgen-consistency-1', ['from', 'to'])
  if (wrong) return wrong
  const hashes = hashesOf(json.object.hashes)
  if ('verdict' in hashes) return hashes
  const { from, to } = json.object
  return { verdict: 'verified', from: BigInt(from as number), to: BigInt(to as number), hashes }
}

function wrongShape(object: JsonObject, format: string, integers: string[]): Rejection | undefined {
  if (object.format !== format)
    return reject('format_unknown', `"format" is ${shown(object.format)}, expected was "${format}"`)
  const known = ['format', 'hashes', ...integers]
  for (const name of Object.keys(object))
    if (!known.includes(name))
      return reject('shape_wrong', `"${printable(name, 40)}" is no member of ${format}`)
  for (const name of integers)
    if (!Number.isSafeInteger(object[name]) || (object[name] as number) < 0)
      return reject('shape_wrong', `"${name}" is ${shown(object[name])}, not an integer from 0 to 2^53-1`)
  return undefined
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
