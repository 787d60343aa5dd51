import { type CheckpointVerdict, verifyCheckpoint } from '../checkpoint/checkpoint.ts'
import type { Rejection, Undecided } from '../codes.ts'
import { reject } from '../codes.ts'
import { type Leaf, parseLeaf } from '../leaf/leaf.ts'
import { leafHash, sha256 } from '../merkle/hash.ts'
import { verifyInclusion } from '../proof/inclusion.ts'
import { type EntryFile, parseEntryFile } from './entry-file.ts'

/** An exported event (the text of its file), the trusted key as vkey text, and the origin expected. */
export type EntryQuestion = { text: string; key?: string | undefined; origin?: string | undefined }

/** The steps of the evidence format's section 6.3, by number; 0 is reading the file. */
export type EntryStep = 0 | 1 | 2 | 3 | 4 | 5

/** What a check of an exported event answers: in the log with its content, in the log and erased, or the step that fails. */
export type EntryVerdict =
  | { verdict: 'verified'; content: 'shown'; index: bigint; size: bigint; leaf: Leaf; event: string }
  | { verdict: 'verified'; content: 'erased'; index: bigint; size: bigint; leaf: Leaf }
  | ((Rejection | Undecided) & { step: EntryStep })

/** Checks an exported event (evidence format 6.3), naming the first step that fails; never throws on malformed input. */
export function verifyEntry({ text, key, origin }: EntryQuestion): EntryVerdict {
  const file = parseEntryFile(text)
  if (file.verdict !== 'verified') return { ...file, step: 0 }
  const signed = verifyCheckpoint({ checkpoint: Buffer.from(file.checkpoint), key, origin })
  // Without a key the rest can still be refuted, so it is looked at before saying so.
  if (signed.verdict === 'rejected') return { ...signed, step: 1 }
  const rest = judge(file, signed)
  if (rest.verdict === 'verified' && signed.verdict === 'undecided') return { ...signed, step: 1 }
  return rest
}

function judge(file: EntryFile, signed: Exclude<CheckpointVerdict, Rejection>): EntryVerdict {
  const checkpoint = signed.verdict === 'verified' ? signed.checkpoint : signed.stated
  if (checkpoint === undefined)
    return { ...reject('checkpoint_malformed', 'the checkpoint says nothing'), step: 1 }
  if (checkpoint.origin !== file.origin)
    return { ...reject('origin_differs', 'the checkpoint is of another origin than the file'), step: 1 }
  const { proof } = file
  if (proof.index !== file.index)
    return {
      ...reject('index_differs', `the proof is for leaf ${proof.index}, the file for ${file.index}`),
      step: 2,
    }
  if (proof.size !== checkpoint.size)
    return {
      ...reject(
        'size_differs',
        `the proof is for ${proof.size} leaves, the checkpoint for ${checkpoint.size}`,
      ),
      step: 2,
    }
  const leaf = parseLeaf(Buffer.from(file.leaf))
  if (typeof leaf === 'string') return { ...reject('leaf_malformed', leaf), step: 3 }
  const included = verifyInclusion({
    ...proof,
    leafHash: leafHash(Buffer.from(file.leaf)),
    root: checkpoint.root,
  })
  if (included.verdict !== 'verified') return { ...included, step: 4 }
  const place = { verdict: 'verified', index: file.index, size: proof.size, leaf } as const
  if (file.content === undefined) return { ...place, content: 'erased' }
  const { salt, event } = file.content
  if (sha256(Buffer.concat([salt, Buffer.from(event)])).toString('hex') !== leaf.c)
    return { ...reject('commitment_differs', 'salt and event are not what the leaf committed to'), step: 5 }
  return { ...place, content: 'shown', event }
}
