import type { StoreName } from '../../../drivers/instances/contract/stores.ts'
import type { Words } from '../../../pledges/pledge.ts'

/** What a promise about places distinguishes. */
export type ArtefactKind = 'database' | 'files' | 'log' | 'key'

/** A customer's data as it lies in a store. */
export type Artefact = {
  store: StoreName
  path: string
  kind: ArtefactKind
  /** Whose: an instance of the register; null where it is nobody's. */
  instance: string | null
  promised: string | null
  /** The region of the store in which it lies; null where nobody can tell. */
  observed: string | null
  sizeBytes: number | null
  /** Null where it cannot be told whether that is where it was promised. */
  isInside: boolean | null
  reason: Words
}

/** Something in a data store that has no place in it: it may be anybody's data. */
export type Stray = { store: StoreName; path: string }
