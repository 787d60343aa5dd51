import { verify } from 'node:crypto'
import { parseSignature, parseVkey } from './checkpoint.ts'

const COSIGNATURE_TYPE = 4
const TIME_BYTES = 8

/** A witness's word under a checkpoint: whose, when (seconds since 1970 by its own clock), and the line itself. */
export type Cosignature = { name: string; vkey: string; timeSeconds: number; line: string }

/**
 * The cosignatures (https://c2sp.org/tlog-cosignature, Ed25519) of these witnesses that a note carries and that hold; other
 * lines are passed over. `vkeys` that are no witness's are ignored.
 */
export function cosignaturesOf(note: string, vkeys: readonly string[]): Cosignature[] {
  const split = note.lastIndexOf('\n\n')
  if (split < 0) return []
  const text = note.slice(0, split + 1)
  const keys = vkeys.flatMap((vkey) => {
    const key = parseVkey(vkey, COSIGNATURE_TYPE)
    return key ? [{ ...key, vkey }] : []
  })
  return note
    .slice(split + 2)
    .split('\n')
    .flatMap((line) => {
      const found = parseSignature(line)
      const key = found && keys.find((one) => one.name === found.name && one.keyId.equals(found.keyId))
      if (!key || found.signature.length !== TIME_BYTES + 64) return []
      const time = found.signature.readBigUInt64BE()
      const signed = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)
      if (time > BigInt(Number.MAX_SAFE_INTEGER)) return []
      if (!verify(null, signed, key.publicKey, found.signature.subarray(TIME_BYTES))) return []
      return [{ name: key.name, vkey: key.vkey, timeSeconds: Number(time), line: `${line}\n` }]
    })
}
