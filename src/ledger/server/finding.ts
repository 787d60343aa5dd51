/** One thing that is wrong, where (a path below the log's folder, the entry's index when it is about one), and what to do. */
export type Finding = { place: string; index?: number; what: string; remedy?: string }

/** Progress, then the result as the last value. */
export type FsckStep =
  | { step: 'progress'; checkedEntries: number; size: number }
  | { step: 'finding'; finding: Finding }
  | { step: 'done'; size: number; root: string; sealedEvents: number; erasedFrames: number; findings: number }
