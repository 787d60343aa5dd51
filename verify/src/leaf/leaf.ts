import { fromUtf8, printable } from '../bytes.ts'

/** The public header of an entry, as leaf data holds it (evidence format, section 2). */
export type Leaf = {
  c: string
  region: string
  stream: string
  subject: string
  /** Milliseconds since 1970 by the log's own clock. */
  time: number
  type: string
  v: 1
}

/** Bytes that leaf data may have at most. */
export const leafLimitBytes = 512

const c = '[0-9a-f]{64}'
const region = '[a-z][a-z0-9-]{0,31}'
const stream = 'event|audit|error|administrator|operator'
const subject = 'plane|[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}'
const time = '0|[1-9][0-9]{0,15}'
const type = '[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*'

// All values are ASCII, so canonical JSON has one spelling only: one expression accepts exactly the well-formed leaves.
const canonical = new RegExp(
  `^\\{"c":"(${c})","region":"(${region})","stream":"(${stream})","subject":"(${subject})","time":(${time}),"type":"(${type})","v":1\\}$`,
)
const patterns: Record<string, RegExp> = {
  c: new RegExp(`^(?:${c})$`),
  region: new RegExp(`^(?:${region})$`),
  stream: new RegExp(`^(?:${stream})$`),
  subject: new RegExp(`^(?:${subject})$`),
  type: new RegExp(`^(?:${type})$`),
}
const members = ['c', 'region', 'stream', 'subject', 'time', 'type', 'v']

/** The header in well-formed leaf data, or a sentence that says what is wrong with it. */
export function parseLeaf(bytes: Uint8Array): Leaf | string {
  if (bytes.length > leafLimitBytes)
    return `leaf data is ${bytes.length} bytes long; at most ${leafLimitBytes} are allowed`
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const match = canonical.exec(text)
  if (match === null) return whyMalformed(bytes)
  const [, hash, where, which, whose, when, what] = match as unknown as [string, ...string[]]
  if (what!.length > 64) return '"type" is longer than 64 characters'
  if (!Number.isSafeInteger(Number(when))) return '"time" is not a safe integer'
  return { c: hash!, region: where!, stream: which!, subject: whose!, time: Number(when), type: what!, v: 1 }
}

function whyMalformed(bytes: Uint8Array): string {
  const text = fromUtf8(bytes)
  if (text === undefined) return 'leaf data is not UTF-8'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return `leaf data is not JSON: ${printable(text, 80)}`
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'leaf data is not an object'
  const found = value as Record<string, unknown>
  for (const name of members) if (!Object.hasOwn(found, name)) return `"${name}" is missing`
  for (const name of Object.keys(found))
    if (!members.includes(name)) return `"${printable(name, 40)}" is not a member of leaf data`
  for (const [name, pattern] of Object.entries(patterns)) {
    const member = found[name]
    if (typeof member !== 'string' || !pattern.test(member))
      return `"${name}" is ${printable(JSON.stringify(member), 80)}, which the format does not allow`
  }
  if (!Number.isSafeInteger(found.time) || (found.time as number) < 0)
    return `"time" is ${printable(JSON.stringify(found.time), 40)}, not an integer of milliseconds from 0 to 2^53-1`
  if (found.v !== 1) return `"v" is ${printable(JSON.stringify(found.v), 40)}; this verifier knows 1`
  return 'leaf data is not canonical JSON (order of members, white space, escapes or the form of a number)'
}
