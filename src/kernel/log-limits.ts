/** What the log takes, for it and for those who append to it. */
export const LOG_LIMITS = {
  /** Of one event, as its canonical JSON in UTF-8. */
  eventBytes: 65_536,
  /** Entries of one append. */
  batchEntries: 10_000,
  /** The whole body of one append. */
  batchBytes: 8 * 1024 * 1024,
} as const
