/** What a witness (https://c2sp.org/tlog-witness) answers to a checkpoint. */
export type WitnessAnswer =
  /** Signature lines to put under the checkpoint, not verified yet. */
  | { kind: 'cosigned'; lines: string }
  /** It has another size than the one from which was proved. */
  | { kind: 'knows'; size: number }
  /** It refuses this checkpoint, and says why. */
  | { kind: 'refused'; status: number; why: string }

/** Asks a witness what it saw last; changes nothing. AppError `unavailable` when it does not answer. */
export type WitnessReader = {
  /** The newest checkpoint of this log that it cosigned, a signed note; undefined when there was none yet. */
  newest(origin: string): Promise<string | undefined>
}

/** Hands checkpoints to a witness. AppError `unavailable` when it does not answer. */
export type WitnessWriter = {
  /** `proof`: hashes in hex from the tree of size `old` to that of the checkpoint; empty for 0 and for the same size. */
  add(given: { old: number; proof: readonly string[]; checkpoint: string }): Promise<WitnessAnswer>
}
