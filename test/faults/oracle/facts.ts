import type { Request } from './journal.ts'
import type { Overlap } from './postgres-watch.ts'
import type { LogFacts } from './read-log.ts'
import type { MachineFacts } from './read-machine.ts'
import type { PlaneRows } from './read-plane.ts'

/** All that the oracle judges by: what clients were told, and what is found afterwards, each from its own source. */
export type Facts = {
  requests: Request[]
  plane: PlaneRows
  log: LogFacts
  machine: MachineFacts
  /** What each application that was asked holds, by instance: every text that was ever written there, with repetitions. */
  notes: Record<string, string[]>
  overlaps: Overlap[]
}

export type Law =
  | 'one server'
  | 'L1 durable'
  | 'L2 atomic'
  | 'L3 audited'
  | 'L4 append-only'
  | 'L5 no orphans'
export type Fault = { law: Law; fault: string }
