import type { Verdict } from '../data/promises.ts'
import { useWords } from '../words/language.ts'
import { verdictWords } from '../words/verdicts.ts'

const LOOK: Record<Verdict | 'none', string> = {
  kept: 'stone-kept',
  broken: 'stone-broken',
  unknown: 'stone-unknown',
  unexercised: 'stone-unexercised',
  none: 'stone-none',
}
const INK: Record<Verdict, string> = {
  kept: 'text-kept',
  broken: 'text-broken',
  unknown: 'text-unknown',
  unexercised: 'text-unexercised',
}

/** The class that makes anything look like a stone in this state. */
export const stoneLook = (verdict: Verdict | 'none'): string => `stone ${LOOK[verdict]}`

/** A small stone; always beside the word, never instead of it. */
export function Mark({ verdict }: { verdict: Verdict | 'none' }) {
  return (
    <span
      aria-hidden="true"
      className={`${stoneLook(verdict)} inline-block h-2.5 w-4 shrink-0 rounded-[2px]`}
    />
  )
}

/** A verdict in words with its stone. */
export function VerdictMark({ verdict }: { verdict: Verdict }) {
  const words = useWords(verdictWords)
  return (
    <span className={`inline-flex items-baseline gap-2 whitespace-nowrap ${INK[verdict]}`}>
      <Mark verdict={verdict} />
      {words[verdict]}
    </span>
  )
}
