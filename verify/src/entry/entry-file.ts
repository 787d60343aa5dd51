import { fromHex, printable } from '../bytes.ts'
import { type Rejection, reject } from '../codes.ts'
import { type JsonObject, parseJsonObject, sizeOf } from '../proof/json-object.ts'
import { type InclusionFile, inclusionOf } from '../proof/proof-file.ts'

/** An exported event as its file holds it (evidence format 6.3); nothing is proved yet. */
export type EntryFile = {
  verdict: 'verified'
  origin: string
  index: bigint
  leaf: string
  proof: InclusionFile
  checkpoint: string
  /** Absent when the subject's key was destroyed. */
  content: { salt: Buffer; event: string } | undefined
}

const format = 'borgen-event-1'
const strings = ['origin', 'leaf', 'checkpoint'] as const
const members = ['format', 'index', 'salt', 'event', 'proof', ...strings]

/** Reads the text of an exported event. */
export function parseEntryFile(text: string): EntryFile | Rejection {
  const json = parseJsonObject(text)
  if ('verdict' in json) return json
  const { object } = json
  const wrong = wrongShape(object)
  if (wrong) return wrong
  const proof = inclusionOf(object.proof as JsonObject)
  if (proof.verdict !== 'verified') return proof
  const content = contentOf(object.salt, object.event)
  if (content && 'verdict' in content) return content
  const { origin, leaf, checkpoint } = object as Record<(typeof strings)[number], string>
  return {
    verdict: 'verified',
    origin,
    index: sizeOf(object.index)!,
    leaf,
    proof,
    checkpoint,
    content,
  }
}

function wrongShape(object: JsonObject): Rejection | undefined {
  if (object.format !== format) return reject('format_unknown', `"format" is not "${format}"`)
  for (const name of members)
    if (!Object.hasOwn(object, name)) return reject('shape_wrong', `"${name}" is missing`)
  for (const name of Object.keys(object))
    if (!members.includes(name))
      return reject('shape_wrong', `"${printable(name, 40)}" is no member of ${format}`)
  for (const name of strings)
    if (!isText(object[name]))
      return reject('shape_wrong', `"${name}" is not a string of well-formed Unicode`)
  if (sizeOf(object.index) === undefined)
    return reject('shape_wrong', '"index" is neither an integer from 0 to 2^53-1 nor a decimal string')
  const { proof } = object
  if (typeof proof !== 'object' || proof === null || Array.isArray(proof))
    return reject('shape_wrong', '"proof" is not an object')
  return undefined
}

function contentOf(salt: unknown, event: unknown): EntryFile['content'] | Rejection {
  if (salt === null && event === null) return undefined
  const bytes = typeof salt === 'string' ? fromHex(salt, 32) : undefined
  if (bytes === undefined)
    return reject(
      'shape_wrong',
      '"salt" is not 64 lower-case hex digits (only both of salt and event may be null)',
    )
  if (!isText(event))
    return reject(
      'shape_wrong',
      '"event" is not a string of well-formed Unicode (only both of salt and event may be null)',
    )
  return { salt: bytes, event }
}

/** A lone surrogate would be written as U+FFFD: two strings, one hash. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed()
}
