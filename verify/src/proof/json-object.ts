import { printable } from '../bytes.ts'
import { type Rejection, reject } from '../codes.ts'

/** An object from outside, its members not yet looked at. */
export type JsonObject = Record<string, unknown>

const depthLimit = 32
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g

/** Parses an object; a member given twice is refused, since a person reads the first and a program the last. */
export function parseJsonObject(text: string): { object: JsonObject } | Rejection {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return reject('json_malformed', 'the file is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return reject('shape_wrong', 'the file is JSON, but not an object')
  const fault = findFault(text)
  return fault === undefined ? { object: value as JsonObject } : reject('json_malformed', fault)
}

/** Walks over text already known to be JSON. */
function findFault(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  let last = ''
  for (const [found] of text.matchAll(token)) {
    if (found === '{' || found === '[') {
      if (open.push(found === '{' ? new Set() : undefined) > depthLimit)
        return `the file is nested deeper than ${depthLimit} levels`
    } else if (found === '}' || found === ']') {
      open.pop()
    } else if (found === ':') {
      const name: string = JSON.parse(last)
      const names = open.at(-1)
      if (names?.has(name)) return `the member "${printable(name, 40)}" is given twice`
      names?.add(name)
    }
    last = found
  }
  return undefined
}

/** A size or an index, written as an integer up to 2^53-1 or as a decimal string up to 2^64-1; else undefined. */
export function sizeOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined
  if (typeof value !== 'string' || !/^(?:0|[1-9][0-9]{0,19})$/.test(value)) return undefined
  return BigInt(value) < 2n ** 64n ? BigInt(value) : undefined
}
