import type { WitnessState } from './store.ts'

/** What to send to a witness: from which size to prove; or why there is no use in sending anything. */
export type Submission = { kind: 'send'; old: number } | { kind: 'hopeless'; reason: string }

/** Decides from what the witness is known to have seen. A log that is smaller than that was cut short or rolled back. */
export function submissionTo(witness: { size: number }, log: { size: number }): Submission {
  if (witness.size <= log.size) return { kind: 'send', old: witness.size }
  return {
    kind: 'hopeless',
    reason: `It has seen ${witness.size} entries and this log has ${log.size}: the log was cut short or rolled back.`,
  }
}

/** What the public list says of a witness: `behind` where the last word is older than two intervals. */
export function shownState(
  row: { state: WitnessState } | undefined,
  lastAt: number | null,
  intervalMs: number,
  nowMs: number,
): 'cosigned' | 'behind' | 'refused' | 'silent' {
  if (row === undefined) return lastAt === null ? 'silent' : 'behind'
  if (row.state !== 'cosigned') return row.state
  return lastAt === null || nowMs - lastAt > 2 * intervalMs ? 'behind' : 'cosigned'
}
