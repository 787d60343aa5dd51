import { verifyEntry } from '../entry/entry.ts'
import type { SignedOptions } from './checkpoint.ts'
import type { ExitCode } from './exit.ts'
import { readInputText, readKey } from './inputs.ts'
import { report } from './report.ts'

/** Checks an exported event. */
export function runEntry(file: string, options: SignedOptions): ExitCode {
  const key = readKey(options.key)
  const answer = verifyEntry({ text: readInputText(file), key, origin: options.origin })
  if (answer.verdict !== 'verified') return report(answer, options.json, { step: answer.step, says: '' })
  const { verdict: _, ...about } = answer
  const what = `leaf ${answer.index} of ${answer.size}: ${answer.leaf.type}, subject ${answer.leaf.subject}, time ${answer.leaf.time}`
  const content =
    answer.content === 'shown'
      ? `its content is ${answer.event}`
      : 'content erased (its key was destroyed; the entry is in the log all the same)'
  return report(answer, options.json, { ...about, says: `${what}; ${content}` })
}
