import { basename } from 'node:path'
import { openCheckpoint } from '../tree/checkpoint.ts'
import { readJournalFile } from '../tree/journal.ts'
import { alteredFiles } from '../tree/published-files.ts'
import { checkSealed, type SealedCount } from './check-sealed.ts'
import { checkTree, type Owed, readEdgeFiles } from './check-tree.ts'
import type { FsckStep } from './finding.ts'
import type { Log } from './log.ts'
import { foldersOf } from './recover.ts'

/**
 * Reads everything with fresh eyes, from disk: journal, checkpoint, every tile and bundle, and each commitment against
 * its sealed event where the key still exists. Nothing is mended: what differs is a finding now and at the next check.
 */
export async function* fsck(log: Log): AsyncGenerator<FsckStep> {
  const folders = foldersOf(log.folder)
  // What was changed since it was written is set aside by this, not lost: see published-files.ts.
  log.publish()
  log.tiles.forget()
  const edges = log.tiles.edges()
  const head = log.head()
  const { size } = head
  const edgeFiles = readEdgeFiles(folders.tree, size)
  const { damage, publishProblem } = log.state()
  // Read in one go: a journal that is no longer needed is removed.
  const brokenJournals = log.journals().flatMap(({ path, length }) => {
    const { brokenAt } = readJournalFile(path) ?? { brokenAt: 0 }
    return brokenAt !== undefined && brokenAt < length ? [[basename(path), brokenAt] as const] : []
  })
  let findings = 0
  const counted = (step: FsckStep): FsckStep => {
    if (step.step !== 'finding') return step
    findings++
    return { step: 'finding', finding: { ...step.finding, remedy: remedyFor(step.finding.place) } }
  }
  const found = (place: string, what: string) => counted({ step: 'finding', finding: { place, what } })

  if (damage) yield found('tree/journal', damage)
  if (publishProblem) yield found('tree', publishProblem)
  for (const { path, keptAs, wasMissing } of alteredFiles(folders.tree))
    yield wasMissing
      ? found(keptAs, `tree/${path} was removed by somebody; it has been written anew since`)
      : found(keptAs, `tree/${path} was altered on the disk; what stood there is kept in this file`)
  for (const [name, brokenAt] of brokenJournals)
    yield found(`tree/journal/${name}`, `is damaged at byte ${brokenAt}`)

  const owed: Owed = { bySubject: new Map(), unknown: new Set() }
  const tree = checkTree({ folder: folders.tree, edges, edgeFiles, owed })
  let step = await tree.next()
  for (; !step.done; step = await tree.next()) yield counted(step.value)
  const rebuilt = step.value
  if (rebuilt && !rebuilt.equals(head.root))
    yield found('tree', 'the entries give another root than was committed')
  const note = edgeFiles.get('checkpoint')?.toString()
  const signed = openCheckpoint(note ?? '', log.signer.vkey)
  if (!signed) yield found('tree/checkpoint', note ? 'is not signed by the key of this log' : 'is missing')
  else if (signed.size !== size || !signed.root.equals(head.root))
    yield found('tree/checkpoint', `is that of ${signed.size} entries, not of the ${size} of this log`)
  if (edgeFiles.get('vkey')?.toString() !== `${log.signer.vkey}\n`)
    yield found('tree/vkey', 'is not the public key of this log')

  let sealed: SealedCount = { sealedEvents: 0, erasedFrames: 0 }
  if (rebuilt) {
    const check = checkSealed(log, size, owed)
    let next = await check.next()
    for (; !next.done; next = await check.next()) yield counted(next.value)
    sealed = next.value
  }
  // Nor is what a damaged tile said kept for proofs.
  log.tiles.forget()
  yield { step: 'done', size, root: rebuilt?.toString('hex') ?? '', ...sealed, findings }
}

function remedyFor(place: string): string {
  const keep = 'Keep a copy of the whole folder as evidence and find out who could write to it.'
  if (place.startsWith('altered/'))
    return `${keep} Remove this file when the cause is known; every check names it until then.`
  if (place.startsWith('tree/journal'))
    return `${keep} Put the file back from a copy before the log is next started; the log appends to nothing that it cannot read.`
  if (place.startsWith('tree'))
    return `${keep} Put the file back from a copy that verifies (borgen log verify --folder COPY).`
  return `${keep} Put the file back from its second copy.`
}
