import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import { parseVerifierKey, witnessKeyType } from '../checkpoint/vkey.ts'
import type { Undecided } from '../codes.ts'
import { sameHash } from '../merkle/hash.ts'
import { type Cosigned, compareCheckpoints, type EarlierCheckpoint } from './checkpoints.ts'
import { newestOfEach, reportUnwitnessed, storedCosigned } from './cosigned.ts'
import { collectFindings, type Finding, type Findings, LimitReached } from './findings.ts'
import { checkpointBytes, readNewest, sizeToWalk } from './newest-checkpoint.ts'
import { inspectStrangers } from './strangers.ts'
import { findTree } from './tree-folder.ts'
import { type KeyFrom, readVerifierKey } from './vkey-file.ts'
import { walkTree } from './walk.ts'

/** What to check: a log's folder, and what is trusted or known from elsewhere. */
export type LogQuestion = {
  /** The tree folder, or a folder that holds it as `tree/` or `ledger/tree/`. */
  folder: string
  /** The trusted key as vkey text; without it the folder's own is used, which proves less. */
  key?: string | undefined
  /** The origin expected; otherwise the key's name. */
  origin?: string | undefined
  checkpoints?: readonly EarlierCheckpoint[]
  /** Keys of witnesses, as text: a checkpoint that each of them cosigned is wanted. */
  witnesses?: readonly string[] | undefined
  /** Stop after so many findings (default 100). */
  findingLimit?: number | undefined
  onProgress?: ((leaves: number, size: number) => void) | undefined
}

/** What a check of a whole log answers. `damaged` outweighs `undecided`, which outweighs `verified`. */
export type LogVerdict =
  | ({ verdict: 'verified' | 'damaged' | 'undecided' } & LogReport)
  | (Undecided & { findings: [] })

/** What was checked, and everything noticed, in the order in which it was met. */
export type LogReport = {
  tree: string
  keyFrom: KeyFrom
  /** What the newest checkpoint states, if it can be read; believe it only when the verdict is `verified`. */
  checkpoint: Checkpoint | undefined
  /** Leaves that were looked at. */
  size: number
  /** The newest word of each witness that was given, as far as this log is what they saw. */
  cosigned: Cosigned[]
  findings: Finding[]
}

const passLimit = 4
const pauseMs = 250
const leavesPerPause = 16_384

/** Checks a whole log (evidence format, section 9) in bounded memory; never throws because of what the folder holds. */
export async function verifyLog(question: LogQuestion): Promise<LogVerdict> {
  const key = question.key === undefined ? undefined : parseVerifierKey(question.key)
  if (key?.verdict === 'rejected') return { ...key, verdict: 'undecided', findings: [] }
  for (const witness of question.witnesses ?? []) {
    const known = parseVerifierKey(witness, witnessKeyType)
    if (known.verdict === 'rejected') return { ...known, verdict: 'undecided', findings: [] }
  }
  const tree = findTree(question.folder)
  if (tree === undefined)
    return {
      verdict: 'undecided',
      code: 'no_log',
      message: 'the folder does not exist, cannot be read, or holds neither checkpoint, vkey nor tile/',
      findings: [],
    }
  let strangers = new Set<string>()
  for (let pass = 1; ; pass++) {
    const before = checkpointBytes(tree)
    const report = await checkOnce(tree, question)
    const worst = worstOf(report.findings)
    // A running log moves on meanwhile: what was missing may only have been replaced, and a file it is just writing
    // bears a name that is gone at the next look. What stays is reported.
    const moved = Buffer.compare(before, checkpointBytes(tree)) !== 0
    const unknown = report.findings
      .filter((finding) => finding.code === 'file_unknown')
      .map(({ file }) => file)
    const settled = !moved && unknown.every((file) => strangers.has(file))
    if (worst === 'verified' || settled || pass === passLimit) return { verdict: worst, ...report }
    strangers = new Set(unknown)
    // What a running log is writing is there for as long as the disk takes.
    if (unknown.length > 0) await setTimeout(pass * pauseMs)
  }
}

function worstOf(findings: readonly Finding[]): 'verified' | 'damaged' | 'undecided' {
  if (findings.some((finding) => finding.severity === 'damage')) return 'damaged'
  return findings.some((finding) => finding.severity === 'undecided') ? 'undecided' : 'verified'
}

async function checkOnce(tree: string, question: LogQuestion): Promise<LogReport> {
  const findings = collectFindings(question.findingLimit ?? 100)
  const report: LogReport = {
    tree,
    keyFrom: 'nowhere',
    checkpoint: undefined,
    size: 0,
    cosigned: [],
    findings: findings.list,
  }
  try {
    const { key, keyFrom } = readVerifierKey(tree, question.key, findings)
    report.keyFrom = keyFrom
    const newest = readNewest(tree, key, question.origin, findings)
    const authentic = newest?.verdict === 'verified'
    report.checkpoint = newest?.verdict === 'verified' ? newest.checkpoint : newest?.stated
    report.size = sizeToWalk(tree, report.checkpoint, authentic)
    await walk(report, authentic, { ...question, key }, findings)
    inspectStrangers(tree, report.size, findings)
    reportUnwitnessed(report.cosigned, question.witnesses ?? [], findings)
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error
    const message = 'there may be more: this is where the check stopped, at the limit of findings'
    findings.list.push({ severity: 'undecided', code: 'limit_reached', file: '', message })
  }
  return report
}

async function walk(
  report: LogReport,
  authentic: boolean,
  question: LogQuestion,
  findings: Findings,
): Promise<void> {
  const { checkpoints = [], witnesses = [], key, origin, onProgress } = question
  const all = witnesses.length === 0 ? checkpoints : [...checkpoints, ...storedCosigned(report.tree)]
  const earlier = compareCheckpoints(all, key, origin, witnesses, findings)
  const { tree, size, checkpoint, keyFrom } = report
  const matches = checkpoint !== undefined && checkpoint.size === BigInt(size)
  const root = await walkTree({
    tree,
    size,
    findings,
    above: { hash: matches ? checkpoint.root : undefined, authentic: authentic && matches },
    onLeaves: earlier.onLeaves,
    onProgress(leaves) {
      onProgress?.(leaves, size)
      return leaves % leavesPerPause === 0 ? setImmediate() : undefined
    },
  })
  earlier.finish(size)
  report.cosigned = newestOfEach(earlier.cosigned)
  // Where a signature is known to be good or bad, this has been reported.
  if (keyFrom === 'nowhere' && matches && root && !sameHash(root, checkpoint.root))
    findings.add({
      severity: 'damage',
      code: 'root_differs',
      file: 'checkpoint',
      found: root.toString('hex'),
      expected: checkpoint.root.toString('hex'),
      message: 'tiles and entries agree with each other, but not with the root that the checkpoint states',
    })
}
