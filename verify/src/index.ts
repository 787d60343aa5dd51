/** Checks a Borgen log offline, from `docs/evidence-format.md` alone. No network, no dependencies, no code of Borgen's. */
export {
  type Checkpoint,
  type CheckpointQuestion,
  type CheckpointVerdict,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from './checkpoint/checkpoint.ts'
export type { Cosignature } from './checkpoint/cosignature.ts'
export { parseVerifierKey, type VerifierKey } from './checkpoint/vkey.ts'
export { type Code, codes, type Rejection, type Undecided } from './codes.ts'
export { type EntryQuestion, type EntryStep, type EntryVerdict, verifyEntry } from './entry/entry.ts'
export type { Leaf } from './leaf/leaf.ts'
export type { Cosigned, EarlierCheckpoint } from './log/checkpoints.ts'
export type { Finding } from './log/findings.ts'
export { type LogQuestion, type LogReport, type LogVerdict, verifyLog } from './log/verify-log.ts'
export { leafHash, nodeHash } from './merkle/hash.ts'
export { type Consistency, verifyConsistency } from './proof/consistency.ts'
export { type Inclusion, verifyInclusion } from './proof/inclusion.ts'
export {
  type ConsistencyFile,
  type InclusionFile,
  parseConsistencyFile,
  parseInclusionFile,
} from './proof/proof-file.ts'
