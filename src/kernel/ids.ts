import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford's base32: no i, l, o, u

export type IdPrefix =
  | ('acc' | 'ins' | 'app' | 'rel')
  | ('chg' | 'req' | 'evt')
  | ('per' | 'tok' | 'ses' | 'lnk' | 'cod')
  | ('apr' | 'ovw' | 'att')

export const ID_PATTERN = /^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/

/** An unguessable identifier of 130 random bits, e.g. `ins_4k2v…`; safe in paths, URLs and host names. */
export function newId(prefix: IdPrefix): string {
  let text = ''
  for (const byte of randomBytes(26)) text += ALPHABET[byte & 31]
  return `${prefix}_${text}`
}
