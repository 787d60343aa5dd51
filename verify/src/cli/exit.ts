/** What the exit code means: 0 verified, 1 something does not hold, 2 usage or a file argument unreadable, 3 cannot tell. */
export type ExitCode = 0 | 1 | 2 | 3

/** The exit code of a verdict. */
export function exitOf(verdict: 'verified' | 'rejected' | 'damaged' | 'undecided'): ExitCode {
  if (verdict === 'verified') return 0
  return verdict === 'undecided' ? 3 : 1
}

/** A mistake in how the command was called: one sentence, shown with exit code 2. */
export class UsageError extends Error {}
