import { verifyCheckpoint } from '../checkpoint/checkpoint.ts'
import type { ExitCode } from './exit.ts'
import { readInput, readKey } from './inputs.ts'
import { report } from './report.ts'

/** Options of `checkpoint` and `entry`. */
export type SignedOptions = {
  key?: string | undefined
  origin?: string | undefined
  json?: boolean | undefined
}

/** Checks a signed checkpoint. */
export function runCheckpoint(file: string, options: SignedOptions): ExitCode {
  const key = readKey(options.key)
  const verdict = verifyCheckpoint({ checkpoint: readInput(file), key, origin: options.origin })
  const stated = verdict.verdict === 'verified' ? verdict.checkpoint : verdict.stated
  return report(verdict, options.json, {
    ...stated,
    ...(verdict.verdict === 'verified' && { signers: verdict.signers }),
    says: stated
      ? `${stated.origin} signed ${stated.size} leaves with root ${stated.root.toString('hex')}`
      : '',
  })
}
