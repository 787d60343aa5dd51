import { proveDisks } from './domains/data-security/encryption/prove.ts'
import type { IsolationEyes } from './domains/data-security/isolation/look.ts'
import { proveSingleTenant } from './domains/data-security/isolation/prove.ts'
import { type LocationEyes, provePinned } from './domains/data-security/location/prove.ts'
import { provePfsHsts, proveTls, type TransportEyes } from './domains/data-security/transport/prove.ts'
import { type LogEyes, proveIsolated } from './domains/operational-security/logs/prove.ts'
import { proveFiveStreams, type StreamEyes } from './domains/operational-security/logs/streams/prove.ts'
import { proveRisk } from './domains/organisation-security/risk/prove.ts'
import type { DisksReader } from './drivers/disks/contract/disks.ts'
import type { AttestationsReader } from './pledges/attestations/prove.ts'
import type { Proof } from './pledges/runner.ts'

/** What proofs look with: readers only. */
export type Eyes = {
  disks: DisksReader
  /** The folders whose bytes are customers' data, keys or logs. */
  foldersWithData: readonly string[]
  transport: TransportEyes
  /** What people signed. */
  attestations: AttestationsReader
  isolation: IsolationEyes
  location: LocationEyes
  log: LogEyes
  streams: StreamEyes
}

/** Every proof there is; a promise without one is unknown. */
export function proofsOf(eyes: Eyes): Proof[] {
  return [
    proveDisks(eyes.disks, eyes.foldersWithData),
    proveTls(eyes.transport),
    provePfsHsts(eyes.transport),
    proveRisk(eyes.attestations),
    proveSingleTenant(eyes.isolation),
    provePinned(eyes.location),
    proveFiveStreams(eyes.streams),
    proveIsolated(eyes.log),
  ]
}
