import { printable } from '../bytes.ts'
import { type Rejection, reject } from '../codes.ts'
import type { Note } from './note.ts'
import { parseVerifierKey, signatureHolds, witnessKeyType } from './vkey.ts'

/** A witness's word under a checkpoint: at this time (seconds since 1970, by its clock), this was the largest tree it saw. */
export type Cosignature = { witness: string; timeSeconds: bigint }

const timeBytes = 8

/**
 * The cosignatures of these witnesses (their keys as text) under a note, each verified (evidence format, section 4.4). Lines of
 * others are passed over; a line that bears a trusted name and key id and does not hold makes the note a forgery.
 */
export function readCosignatures(note: Note, witnesses: readonly string[]): Cosignature[] | Rejection {
  const found: Cosignature[] = []
  for (const text of new Set(witnesses)) {
    const key = parseVerifierKey(text, witnessKeyType)
    if (key.verdict !== 'verified') return key
    for (const line of note.signatures) {
      if (line.name !== key.name || !line.keyId.equals(key.keyId)) continue
      const isWhole = line.signature.length === timeBytes + 64
      const timeSeconds = isWhole ? line.signature.readBigUInt64BE() : 0n
      const signed = Buffer.from(`cosignature/v1\ntime ${timeSeconds}\n${note.text}`)
      if (!isWhole || !signatureHolds(key.publicKey, signed, line.signature.subarray(timeBytes)))
        return reject(
          'cosignature_wrong',
          `the cosignature of ${printable(key.name)} does not hold for this text`,
        )
      found.push({ witness: key.name, timeSeconds })
    }
  }
  return found
}
