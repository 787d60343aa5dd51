import { printable } from '../bytes.ts'
import type { Rejection, Undecided } from '../codes.ts'
import { type ExitCode, exitOf } from './exit.ts'
import { printJson, printLines } from './output.ts'

type Details = Record<string, unknown> & { says: string }

/** Prints the answer to one question, with what it is about, and gives the exit code. */
export function report(
  answer: { verdict: 'verified' } | Rejection | Undecided,
  json: boolean | undefined,
  details?: Details,
): ExitCode {
  const { says, ...about }: Details = details ?? { says: '' }
  if (json) {
    const { verdict } = answer
    printJson(
      'code' in answer
        ? { verdict, code: answer.code, message: answer.message, ...about }
        : { verdict, ...about },
    )
  } else if ('code' in answer) {
    const word = answer.verdict === 'rejected' ? 'REJECTED' : 'CANNOT TELL'
    const step = about.step === undefined ? '' : ` at step ${about.step}`
    printLines(`${word}${step}  [${answer.code}]`, `  ${answer.message}`)
  } else {
    printLines(`VERIFIED  ${printable(says, 400)}`)
  }
  return exitOf(answer.verdict)
}
