import { type Checkpoint, verifyCheckpoint } from '../checkpoint/checkpoint.ts'
import type { Cosignature } from '../checkpoint/cosignature.ts'
import { type Frontier, growFrontier, peaksOfFrontier } from '../merkle/frontier.ts'
import { sameHash } from '../merkle/hash.ts'
import { peaksOf, rootOfPeaks } from '../merkle/root.ts'
import type { Findings } from './findings.ts'

/** A checkpoint from elsewhere or from another day: a name for reports, and its bytes. */
export type EarlierCheckpoint = { name: string; bytes: Uint8Array }

/** Up to which size, and when, a witness saw this very log; `file` is the checkpoint that says so. */
export type Cosigned = { witness: string; size: bigint; timeSeconds: bigint; file: string }

type Waiting = { name: string; stated: Checkpoint; cosignatures: readonly Cosignature[] }

/** Compares earlier checkpoints with the roots that the same sizes have in this log, while its leaves go by. */
export type Comparison = {
  /** Takes the right hashes of the next leaves and their root, as far as damage leaves them known. */
  /** What witnesses vouch for, of the checkpoints that agree with this log. */
  cosigned: Cosigned[]
  onLeaves(count: number, row: (() => Buffer[]) | undefined, root: Buffer | undefined): void
  /** Reports those that lie beyond the end, or could not be compared. */
  finish(size: number): void
}

/** Checks the signatures of the given checkpoints at once and gets ready to compare them. */
export function compareCheckpoints(
  given: readonly EarlierCheckpoint[],
  key: string | undefined,
  origin: string | undefined,
  witnesses: readonly string[],
  findings: Findings,
): Comparison {
  const waiting: Waiting[] = []
  const cosigned: Cosigned[] = []
  for (const { name, bytes } of given) {
    const verdict = verifyCheckpoint({ checkpoint: bytes, key, origin, witnesses })
    const { code, message } = verdict.verdict === 'verified' ? {} : verdict
    if (code !== undefined && message !== undefined)
      findings.add({
        severity: verdict.verdict === 'undecided' ? 'undecided' : 'damage',
        code,
        file: name,
        message,
      })
    if (verdict.verdict !== 'verified' || verdict.checkpoint.size === 0n) continue
    waiting.push({ name, stated: verdict.checkpoint, cosignatures: verdict.cosignatures })
  }
  waiting.sort((a, b) => Number(a.stated.size - b.stated.size))
  const frontier: Frontier = []
  let leaves = 0
  let lost = false

  function judge({ name, stated, cosignatures }: Waiting, root: Buffer) {
    if (sameHash(root, stated.root)) {
      const { size } = stated
      for (const { witness, timeSeconds } of cosignatures)
        cosigned.push({ witness, size, timeSeconds, file: name })
      return
    }
    findings.add({
      severity: 'damage',
      code: 'checkpoint_inconsistent',
      file: name,
      found: root.toString('hex'),
      expected: stated.root.toString('hex'),
      message: `the first ${stated.size} leaves of this log are not those that this checkpoint signed: history was rewritten`,
    })
  }

  function skip(name: string) {
    findings.add({
      severity: 'undecided',
      code: 'not_computed',
      file: name,
      message: 'not compared: damage leaves the root of its size unknown',
    })
  }

  return {
    cosigned,
    onLeaves(count, row, root) {
      const end = BigInt(leaves + count)
      for (let next = waiting[0]; next && next.stated.size <= end; next = waiting[0]) {
        waiting.shift()
        const peaks = row && peaksOf(row().slice(0, Number(next.stated.size) - leaves))
        if (lost || peaks === undefined) skip(next.name)
        else judge(next, rootOfPeaks([...peaksOfFrontier(frontier), ...peaks]))
      }
      if (root) growFrontier(frontier, root)
      else lost = true
      leaves += count
    },
    finish(size) {
      for (const { name, stated } of waiting)
        if (stated.size <= BigInt(size)) skip(name)
        else
          findings.add({
            severity: 'damage',
            code: 'checkpoint_ahead',
            file: name,
            found: `${size} leaves`,
            expected: `at least ${stated.size} leaves`,
            message:
              'this checkpoint covers more than the log has: the log was cut short, or this copy of it is older',
          })
    },
  }
}
