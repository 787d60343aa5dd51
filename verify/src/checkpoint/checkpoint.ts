import { fromBase64, printable } from '../bytes.ts'
import { type Rejection, reject, type Undecided } from '../codes.ts'
import { emptyRoot, hashSizeBytes, sameHash } from '../merkle/hash.ts'
import { type Cosignature, readCosignatures } from './cosignature.ts'
import { type Note, parseNote } from './note.ts'
import { parseVerifierKey, signatureHolds } from './vkey.ts'

/** What a checkpoint states: the log's origin, its number of leaves, its root. */
export type Checkpoint = { origin: string; size: bigint; root: Buffer }

/** A checkpoint whose signature by the trusted key holds. */
export type VerifiedCheckpoint = {
  verdict: 'verified'
  checkpoint: Checkpoint
  signers: string[]
  /** Of the witnesses that were given, those who cosigned it. */
  cosignatures: Cosignature[]
}

/** What a check of a checkpoint answers; `stated` is what it claims without being proved. */
export type CheckpointVerdict = VerifiedCheckpoint | ((Rejection | Undecided) & { stated?: Checkpoint })

/** A checkpoint, the trusted key as its vkey text, and the origin expected (else the key's name). */
export type CheckpointQuestion = {
  checkpoint: Uint8Array
  key?: string | undefined
  origin?: string | undefined
  /** Keys of witnesses to be trusted, as text. */
  witnesses?: readonly string[] | undefined
}

/** Checks a signed checkpoint (evidence format, section 4); never throws on malformed input. */
export function verifyCheckpoint(question: CheckpointQuestion): CheckpointVerdict {
  const { checkpoint, key, origin, witnesses = [] } = question
  const note = parseNote(checkpoint)
  if (note.verdict !== 'verified') return note
  const parsed = parseCheckpointText(note.text)
  if ('verdict' in parsed) return parsed
  const verdict = judge(note, parsed, key, origin)
  if (verdict.verdict !== 'verified') return { ...verdict, stated: parsed }
  const cosignatures = readCosignatures(note, witnesses)
  return 'verdict' in cosignatures ? { ...cosignatures, stated: parsed } : { ...verdict, cosignatures }
}

function judge(note: Note, stated: Checkpoint, vkey: string | undefined, origin: string | undefined) {
  if (vkey === undefined)
    return {
      verdict: 'undecided',
      code: 'no_key',
      message: 'no key was given: nothing says that this signature is the log’s',
    } as const
  const key = parseVerifierKey(vkey)
  if (key.verdict !== 'verified') return key
  const ours = note.signatures.filter((line) => line.name === key.name && line.keyId.equals(key.keyId))
  if (ours.length === 0)
    return reject('signature_missing', `no signature line is by the trusted key ${printable(key.name)}`)
  const signed = Buffer.from(note.text)
  if (!ours.every((line) => signatureHolds(key.publicKey, signed, line.signature)))
    return reject('signature_wrong', `the signature of ${printable(key.name)} does not hold for this text`)
  for (const expected of [key.name, origin ?? key.name])
    if (stated.origin !== expected)
      return reject(
        'origin_differs',
        `the checkpoint is of ${printable(stated.origin)}, expected was ${printable(expected)}`,
      )
  if (stated.size === 0n && !sameHash(stated.root, emptyRoot))
    return reject('root_differs', 'the log is said to be empty, but the root is not that of an empty log')
  return { verdict: 'verified', checkpoint: stated, signers: note.signatures.map((s) => s.name) } as const
}

function parseCheckpointText(text: string): Checkpoint | Rejection {
  const malformed = (why: string) => reject('checkpoint_malformed', `the checkpoint’s ${why}`)
  const lines = text.slice(0, -1).split('\n')
  const [origin, size, root] = lines
  if (origin === undefined || size === undefined || root === undefined)
    return malformed(`text has ${lines.length} line(s); origin, size and root are three`)
  if (lines.includes('')) return malformed('text holds an empty line')
  if (!/^(?:0|[1-9][0-9]{0,19})$/.test(size) || BigInt(size) >= 2n ** 64n)
    return malformed(`size is ${printable(size, 40)}, not a decimal number up to 2^64-1`)
  const hash = fromBase64(root)
  if (hash === undefined || hash.length !== hashSizeBytes)
    return malformed(`root is ${printable(root, 60)}, not base64 of 32 bytes`)
  return { origin, size: BigInt(size), root: hash }
}
