import { type CheckpointVerdict, verifyCheckpoint } from '../checkpoint/checkpoint.ts'
import type { ExitCode } from './exit.ts'
import { readInput, readKey, readWitnesses } from './inputs.ts'
import { whenOf } from './output.ts'
import { report } from './report.ts'

/** Options of `checkpoint` and `entry`. */
export type SignedOptions = {
  key?: string | undefined
  origin?: string | undefined
  json?: boolean | undefined
  witness?: string[] | undefined
}

/** Checks a signed checkpoint. */
export function runCheckpoint(file: string, options: SignedOptions): ExitCode {
  const key = readKey(options.key)
  const witnesses = readWitnesses(options.witness)
  const verdict = verifyCheckpoint({ checkpoint: readInput(file), key, origin: options.origin, witnesses })
  const stated = verdict.verdict === 'verified' ? verdict.checkpoint : verdict.stated
  return report(verdict, options.json, {
    ...stated,
    ...(verdict.verdict === 'verified' && { signers: verdict.signers, cosignatures: verdict.cosignatures }),
    says: stated
      ? `${stated.origin} signed ${stated.size} leaves with root ${stated.root.toString('hex')}${cosignedBy(verdict)}`
      : '',
  })
}

function cosignedBy(verdict: CheckpointVerdict): string {
  const all = verdict.verdict === 'verified' ? verdict.cosignatures : []
  return all.map(({ witness, timeSeconds }) => `, cosigned by ${witness} at ${whenOf(timeSeconds)}`).join('')
}
