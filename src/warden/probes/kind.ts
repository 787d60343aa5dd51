import type { Ground } from '../ground.ts'
import type { ProbeRequest } from '../requests.ts'
import type { RunRecord } from '../run-record.ts'
import type { Outside } from './outside.ts'

/** What a probe works with; of what runs it sees the records and changes nothing. */
export type ProbeGround = {
  ground: Ground
  running: ReadonlyMap<string, RunRecord>
  outside: Outside
}

/**
 * One kind of probe: a fixed program that looks at something of this machine that only root can look at. It starts no
 * instance and writes nothing but what it planted itself.
 */
export type ProbeKind<K extends ProbeRequest['kind']> = {
  /** After so long it is ended, and says nothing. */
  limitMs: number
  run(on: ProbeGround, asked: Extract<ProbeRequest, { kind: K }>, signal: AbortSignal): Promise<object>
}
