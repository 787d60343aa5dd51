import { type Checkpoint, type CheckpointVerdict, verifyCheckpoint } from '../checkpoint/checkpoint.ts'
import { noteLimitBytes } from '../checkpoint/note.ts'
import type { Findings } from './findings.ts'
import { sizeByFiles } from './size-by-files.ts'
import { readTreeFile, reportUnreadable } from './tree-folder.ts'

/** The bytes of the folder's checkpoint, empty when it cannot be read: to see whether a running log has moved on. */
export function checkpointBytes(tree: string): Buffer {
  const read = readTreeFile(tree, 'checkpoint', noteLimitBytes)
  return read.kind === 'read' ? read.bytes : Buffer.alloc(0)
}

/** Checks the folder's own checkpoint and reports what is wrong with it; undefined when there is none to read. */
export function readNewest(
  tree: string,
  key: string | undefined,
  origin: string | undefined,
  findings: Findings,
): CheckpointVerdict | undefined {
  const file = 'checkpoint'
  const read = readTreeFile(tree, file, noteLimitBytes)
  reportUnreadable(file, read, noteLimitBytes, findings)
  if (read.kind === 'missing')
    findings.add({ severity: 'damage', code: 'file_missing', file, message: 'a log has a signed checkpoint' })
  if (read.kind !== 'read') return undefined
  const verdict = verifyCheckpoint({ checkpoint: read.bytes, key, origin })
  if (verdict.verdict === 'rejected')
    findings.add({ severity: 'damage', code: verdict.code, file, message: verdict.message })
  if (verdict.verdict === 'verified' && verdict.checkpoint.size > Number.MAX_SAFE_INTEGER)
    findings.add({
      severity: 'damage',
      code: 'checkpoint_malformed',
      file,
      found: String(verdict.checkpoint.size),
      expected: 'at most 2^53-1',
      message: 'no log is that long',
    })
  return verdict
}

/** How many leaves to look at: a size that nobody signed is believed only if the files say the same. */
export function sizeToWalk(tree: string, checkpoint: Checkpoint | undefined, authentic: boolean): number {
  const stated =
    checkpoint && checkpoint.size <= Number.MAX_SAFE_INTEGER ? Number(checkpoint.size) : undefined
  return authentic && stated !== undefined ? stated : sizeByFiles(tree, stated)
}
