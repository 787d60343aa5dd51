/** Deepest nesting that is written; deeper values are refused rather than trusted to the stack. */
export const CANONICAL_DEPTH_LIMIT = 32

/** Why a value has no canonical JSON. */
export class NotCanonical extends Error {}

/**
 * RFC 8785 canonical JSON of a value that came from `JSON.parse` (or is made of the same parts). Throws NotCanonical for
 * lone surrogates, non-finite numbers, undefined members and nesting deeper than 32.
 * https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalJson(value: unknown): string {
  const text = write(value, 1)
  // JSON.stringify writes a lone surrogate as an escape; a string that has none stays as it is.
  if (!text.isWellFormed() || (text.includes('\\ud') && hasLoneSurrogate(value)))
    throw new NotCanonical('a string holds half of a surrogate pair')
  return text
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotCanonical('a number is not finite')
    return String(Object.is(value, -0) ? 0 : value)
  }
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value !== 'object') throw new NotCanonical(`a ${typeof value} is not JSON`)
  if (depth > CANONICAL_DEPTH_LIMIT) throw new NotCanonical('it is nested deeper than 32 levels')
  if (Array.isArray(value)) {
    let text = '['
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : ',') + write(value[i], depth + 1)
    return `${text}]`
  }
  const keys = Object.keys(value)
  // Most events arrive flat; sorting is skipped where the order already is right.
  for (let i = 1; i < keys.length; i++)
    if (keys[i - 1]! > keys[i]!) {
      keys.sort(byCodeUnits)
      break
    }
  let text = '{'
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    text += `${i === 0 ? '' : ','}${JSON.stringify(key)}:${write((value as Record<string, unknown>)[key], depth + 1)}`
  }
  return `${text}}`
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function hasLoneSurrogate(value: unknown): boolean {
  if (typeof value === 'string') return !value.isWellFormed()
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, member]) => !key.isWellFormed() || hasLoneSurrogate(member))
}
