import { proveDisks } from './domains/data-security/encryption/prove.ts'
import type { IsolationEyes } from './domains/data-security/isolation/look.ts'
import { proveSingleTenant } from './domains/data-security/isolation/prove.ts'
import { type LocationEyes, provePinned } from './domains/data-security/location/prove.ts'
import { provePfsHsts, proveTls, type TransportEyes } from './domains/data-security/transport/prove.ts'
import { type LogEyes, proveIsolated } from './domains/operational-security/logs/prove.ts'
import type { DisksReader } from './drivers/disks/contract/disks.ts'
import type { Proof } from './pledges/runner.ts'

/** What proofs look with: readers only. */
export type Eyes = {
  disks: DisksReader
  /** The folders whose bytes are customers' data, keys or logs. */
  foldersWithData: readonly string[]
  transport: TransportEyes
  isolation: IsolationEyes
  location: LocationEyes
  log: LogEyes
}

/** Every proof there is; a promise without one is unknown. */
export function proofsOf(eyes: Eyes): Proof[] {
  return [
    proveDisks(eyes.disks, eyes.foldersWithData),
    proveTls(eyes.transport),
    provePfsHsts(eyes.transport),
    proveSingleTenant(eyes.isolation),
    provePinned(eyes.location),
    proveIsolated(eyes.log),
  ]
}
