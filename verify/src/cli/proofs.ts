import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import { verifyCheckpoint } from '../checkpoint/checkpoint.ts'
import { type Rejection, reject, type Undecided } from '../codes.ts'
import { leafHash } from '../merkle/hash.ts'
import { verifyConsistency } from '../proof/consistency.ts'
import { verifyInclusion } from '../proof/inclusion.ts'
import { parseConsistencyFile, parseInclusionFile } from '../proof/proof-file.ts'
import { type ExitCode, UsageError } from './exit.ts'
import { readHash, readInput, readInputText, readKey } from './inputs.ts'
import { report } from './report.ts'

/** Options of `inclusion` and `consistency`. */
export type ProofOptions = {
  key?: string | undefined
  origin?: string | undefined
  checkpoint?: string[] | undefined
  root?: string[] | undefined
  leaf?: string | undefined
  'leaf-hash'?: string | undefined
  json?: boolean | undefined
}

type Answer = { verdict: 'verified' } | Rejection | Undecided

/** Checks an inclusion proof against a leaf and a signed checkpoint (or a root that the user trusts). */
export function runInclusion(file: string, options: ProofOptions): ExitCode {
  const { leaf, 'leaf-hash': hash } = options
  if ((leaf === undefined) === (hash === undefined))
    throw new UsageError('inclusion needs the leaf: give either --leaf FILE or --leaf-hash HEX')
  const leafIs = leaf === undefined ? readHash('--leaf-hash', hash!) : leafHash(readInput(leaf))
  const proof = parseInclusionFile(readInputText(file))
  if (proof.verdict !== 'verified') return report(proof, options.json)
  const [root] = rootsOf(options, [proof.size])
  const answer: Answer =
    root instanceof Uint8Array ? verifyInclusion({ ...proof, leafHash: leafIs, root }) : root!
  return report(answer, options.json, {
    index: proof.index,
    size: proof.size,
    says: `leaf ${proof.index} is in the tree of ${proof.size} leaves`,
  })
}

/** Checks a consistency proof between two signed checkpoints (or two roots that the user trusts). */
export function runConsistency(file: string, options: ProofOptions): ExitCode {
  const proof = parseConsistencyFile(readInputText(file))
  if (proof.verdict !== 'verified') return report(proof, options.json)
  const [fromRoot, toRoot] = rootsOf(options, [proof.from, proof.to])
  let answer: Answer
  if (!(fromRoot instanceof Uint8Array)) answer = fromRoot!
  else if (!(toRoot instanceof Uint8Array)) answer = toRoot!
  else answer = verifyConsistency({ ...proof, fromRoot, toRoot })
  return report(answer, options.json, {
    from: proof.from,
    to: proof.to,
    says: `the first ${proof.from} of ${proof.to} leaves are the tree that was signed earlier`,
  })
}

/** The root for each size, from --root in order or from the checkpoint of that size. */
function rootsOf(options: ProofOptions, sizes: bigint[]): (Buffer | Rejection | Undecided)[] {
  const { root = [], checkpoint = [] } = options
  const needed = sizes.length === 1 ? 'one' : 'two, the earlier first'
  if ((root.length === 0) === (checkpoint.length === 0))
    throw new UsageError(`the tree is missing: give either --checkpoint FILE or --root HEX (${needed})`)
  if (root.length + checkpoint.length !== sizes.length)
    throw new UsageError(`this proof needs ${needed} of --checkpoint or --root`)
  if (root.length > 0) return root.map((hex) => readHash('--root', hex))
  const key = readKey(options.key)
  return checkpoint.map((file, i) => {
    const verdict = verifyCheckpoint({ checkpoint: readInput(file), key, origin: options.origin })
    return verdict.verdict === 'verified' ? rootAt(verdict.checkpoint, sizes[i]!) : verdict
  })
}

function rootAt(checkpoint: Checkpoint, size: bigint): Buffer | Rejection {
  if (checkpoint.size === size) return checkpoint.root
  return reject(
    'size_differs',
    `the checkpoint is of ${checkpoint.size} leaves, the proof needs one of ${size}`,
  )
}
