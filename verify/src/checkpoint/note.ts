import { fromBase64, fromUtf8 } from '../bytes.ts'
import { type Rejection, reject } from '../codes.ts'

/** A C2SP signed note: the signed text (its last newline included) and its signature lines, none verified yet. */
export type Note = { verdict: 'verified'; text: string; signatures: NoteSignature[] }

/** One signature line of a note. */
export type NoteSignature = { name: string; keyId: Buffer; signature: Buffer }

/** Bytes that a note may have at most. */
export const noteLimitBytes = 65_536

const signatureLimit = 100

/** Splits a note at its last empty line; every signature line must be well-formed, whoever's it is. */
export function parseNote(bytes: Uint8Array): Note | Rejection {
  const malformed = (why: string) => reject('note_malformed', `the note ${why}`)
  if (bytes.length > noteLimitBytes) return malformed('is longer than 64 KiB')
  const whole = fromUtf8(bytes)
  if (whole === undefined) return malformed('is not UTF-8')
  const control = [...whole].find((char) => char < ' ' && char !== '\n')
  if (control !== undefined)
    return malformed(`holds the control character U+${control.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const split = whole.lastIndexOf('\n\n')
  if (split < 0) return malformed('has no empty line between its text and its signatures')
  const rest = whole.slice(split + 2)
  if (rest === '') return malformed('has no signature line')
  if (!rest.endsWith('\n')) return malformed('does not end with a newline')
  const lines = rest.slice(0, -1).split('\n')
  if (lines.length > signatureLimit) return malformed(`has more than ${signatureLimit} signature lines`)
  const signatures: NoteSignature[] = []
  for (const [i, line] of lines.entries()) {
    const signature = parseSignatureLine(line)
    if (signature === undefined) return malformed(`has a malformed signature line (number ${i + 1})`)
    signatures.push(signature)
  }
  return { verdict: 'verified', text: whole.slice(0, split + 1), signatures }
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const [, name, encoded] = /^\u2014 ([^+\s]+) (\S+)$/.exec(line) ?? []
  if (name === undefined || encoded === undefined) return undefined
  const blob = fromBase64(encoded)
  if (blob === undefined || blob.length < 5) return undefined
  return { name, keyId: blob.subarray(0, 4), signature: blob.subarray(4) }
}
