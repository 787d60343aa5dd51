import { type AttestationsReader, proveAttested } from '../../../pledges/attestations/prove.ts'
import type { Proof } from '../../../pledges/runner.ts'
import { risk } from './pledges.ts'

/** Risks are reviewed and continuity practised as far as people signed it; a review counts no longer than is promised between two. */
export function proveRisk(reader: AttestationsReader): Proof {
  return proveAttested(risk as never, reader, { reviewed: 'review' })
}
