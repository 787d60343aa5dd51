import { printable } from '../bytes.ts'
import type { Finding } from '../log/findings.ts'
import { type LogReport, type LogVerdict, verifyLog } from '../log/verify-log.ts'
import { type ExitCode, exitOf, UsageError } from './exit.ts'
import { readInput, readKey, readWitnesses } from './inputs.ts'
import { findingLines, printJson, printLines, progressLine, whenOf } from './output.ts'

/** Options of `log`. */
export type LogOptions = {
  key?: string | undefined
  origin?: string | undefined
  checkpoint?: string[] | undefined
  limit?: string | undefined
  witness?: string[] | undefined
  json?: boolean | undefined
}

/** Checks a whole log and prints what was found. */
export async function runLog(folder: string, options: LogOptions): Promise<ExitCode> {
  const limit = options.limit ?? '100'
  if (!/^[1-9][0-9]{0,5}$/.test(limit)) throw new UsageError('--limit takes a number from 1 to 999999')
  const progress = progressLine()
  const verdict = await verifyLog({
    folder,
    key: readKey(options.key),
    origin: options.origin,
    checkpoints: (options.checkpoint ?? []).map((file) => ({ name: file, bytes: readInput(file) })),
    witnesses: readWitnesses(options.witness),
    findingLimit: Number(limit),
    onProgress: (leaves, size) => progress.show(`checked ${leaves} of ${size} leaves`),
  })
  progress.clear()
  if (options.json) printJson(verdict)
  else print(folder, verdict)
  return exitOf(verdict.verdict)
}

function print(folder: string, verdict: LogVerdict): void {
  if ('code' in verdict) {
    printLines(`CANNOT TELL  ${printable(folder)}  [${verdict.code}]`, `  ${verdict.message}`)
    return
  }
  const { checkpoint, findings } = verdict
  for (const finding of findings) printLines(...findingLines(finding))
  if (findings.length > 0) printLines('')
  printLines(headline(verdict.verdict, findings), `  folder  ${printable(verdict.tree)}`)
  if (checkpoint !== undefined)
    printLines(
      `  origin  ${printable(checkpoint.origin)}`,
      `  leaves  ${checkpoint.size}`,
      `  root    ${checkpoint.root.toString('hex')}`,
    )
  printLines(...cosignedLines(verdict))
  if (verdict.keyFrom === 'folder')
    printLines('  key     from the folder itself; give --key with the key from elsewhere to prove more')
}

/** Who saw this very log, up to where and when; nothing where no witness was given. */
function cosignedLines({ cosigned, size }: LogReport): string[] {
  return cosigned.map(
    ({ witness, size: upTo, timeSeconds }) =>
      `  witness ${printable(witness)} cosigned up to ${upTo} of ${size} at ${whenOf(timeSeconds)}`,
  )
}

function headline(verdict: 'verified' | 'damaged' | 'undecided', findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((f) => f.severity === severity).length
  if (verdict === 'verified')
    return 'VERIFIED  nothing that the checkpoint covers was altered, removed, inserted or reordered since it was signed'
  if (verdict === 'damaged') return `DAMAGED  ${count('damage')} finding(s)`
  return `CANNOT TELL  ${count('undecided')} thing(s) could not be checked; no damage was found`
}
