import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { decodeSegmentHeader, SEGMENT_HEADER_READ_BYTES } from '../segments/format.ts'
import { type Head, segmentPath } from '../segments/writers.ts'
import { TILE_WIDTH } from '../tree/tile-path.ts'
import { parseLeaf } from './entry.ts'
import type { Finding, FsckStep } from './finding.ts'
import { fsck } from './fsck.ts'
import type { Log } from './log.ts'

/** What the log finds of its sealed events: at each look of the newest, and round by round of all. */
export type SealedState = {
  size: number
  /** Why no round can be made now; null while one can. */
  cannot: string | null
  /** Newest segments that were looked at, one for each subject and region, and entries that were opened. */
  segments: number
  newest: number
  /** The round under way began then (epoch ms); how much of the tree it has compared. */
  round: { since: number } | null
  /** The last round that came to its end. */
  whole: { endedAt: number; size: number; sealedEvents: number; erasedFrames: number } | null
  /** What is wrong, at most `FINDINGS` of it: now, in the round under way, or in the last whole one. */
  findings: Finding[]
}

/** Checks the sealed events a little at each look. Nothing is mended and nothing of what was found is kept on the disk. */
export type SealedRounds = {
  /** Looks at every newest segment and the newest entries, and goes on with the round for this long. One look at a time. */
  look(budgetMs: number): Promise<SealedState>
}

const FINDINGS = 50
/** A round that has lasted this long goes on faster, so that all is read within a day. */
const HURRY_AFTER_MS = 12 * 3_600_000
const HURRY_TIMES = 12
const NEWEST = 256
const NEWEST_MS = 2_000
const AT_ONCE = 16
/** What somebody did to the tree's files stands in `/altered`. */
const isTold = ({ place }: Finding) => place.startsWith('altered/')

/** Rounds over this log; a new process begins a new one. */
export function createSealedRounds(log: Log, clock: Clock): SealedRounds {
  let round: { since: number; steps: AsyncGenerator<FsckStep>; findings: Finding[] } | undefined
  let whole: (NonNullable<SealedState['whole']> & { findings: Finding[] }) | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function goOn(budgetMs: number): Promise<string | null> {
    const begun = performance.now()
    if (round === undefined) {
      log.publish()
      // Tiles that cannot be written now would count as missing.
      const { damage, publishProblem } = log.state()
      if (damage === undefined && publishProblem !== undefined) return publishProblem
      round = { since: clock.now(), steps: fsck(log), findings: [] }
    }
    const times = clock.now() - round.since > HURRY_AFTER_MS ? HURRY_TIMES : 1
    // At least one step: a look always gets on.
    do {
      const { value: step, done } = await round.steps.next().catch((error: unknown) => {
        round = undefined
        throw error
      })
      if (done) {
        round = undefined
        break
      }
      if (step.step === 'finding' && !isTold(step.finding)) round.findings.push(step.finding)
      if (step.step !== 'done') continue
      const { size, sealedEvents, erasedFrames } = step
      whole = { endedAt: clock.now(), size, sealedEvents, erasedFrames, findings: round.findings }
      round = undefined
      break
    } while (performance.now() - begun < budgetMs * times)
    return null
  }

  async function look(budgetMs: number): Promise<SealedState> {
    const heads = log.places()
    const ofHeads = await lookAtHeads(log, heads)
    const newest = await lookAtNewest(log)
    const cannot = await goOn(budgetMs)
    const all = [...ofHeads, ...newest.findings, ...(round?.findings ?? []), ...(whole?.findings ?? [])]
    const findings = [...new Map(all.map((one) => [`${one.place} ${one.index} ${one.what}`, one])).values()]
    return {
      size: log.tiles.size,
      cannot,
      segments: heads.length,
      newest: newest.opened,
      round: round ? { since: round.since } : null,
      whole: whole ? { ...withoutFindings(whole) } : null,
      findings: findings.slice(0, FINDINGS),
    }
  }

  return {
    look(budgetMs) {
      const mine = last.then(() => look(budgetMs))
      last = mine.catch(() => {})
      return mine
    },
  }
}

function withoutFindings({
  findings: _,
  ...rest
}: NonNullable<SealedState['whole']> & { findings: Finding[] }) {
  return rest
}

/** Every newest segment: there, as long as was committed, and its subject's own. */
async function lookAtHeads(log: Log, heads: readonly Head[]): Promise<Finding[]> {
  const findings: Finding[] = []
  const due = [...heads]
  const lane = async () => {
    for (let head = due.pop(); head; head = due.pop()) {
      const what = await whatIsWrong(log, head)
      if (what) findings.push({ place: `regions/${segmentPath(head)}`, what })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return findings
}

async function whatIsWrong(log: Log, head: Head): Promise<string | undefined> {
  try {
    const file = await open(join(log.folder, 'regions', segmentPath(head)), 'r')
    try {
      const { size } = await file.stat()
      if (size < head.length) return `has ${size} of ${head.length} bytes`
      const start = Buffer.alloc(SEGMENT_HEADER_READ_BYTES)
      const { bytesRead } = await file.read(start, 0, start.length, 0)
      const { header } = decodeSegmentHeader(start.subarray(0, bytesRead))
      const { subject, region, first } = header
      const isIts = subject === head.subject && region === head.region && first === head.first
      return isIts ? undefined : `is the segment of ${region}/${subject} that begins at ${first}`
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'is missing' : `cannot be read: ${message}`
  }
}

/** The newest entries, opened and compared with their commitments; a round says of those without a key why there is none. */
async function lookAtNewest(log: Log): Promise<{ opened: number; findings: Finding[] }> {
  const begun = performance.now()
  const readers = log.freshReaders()
  const { size } = log.tiles
  const findings: Finding[] = []
  let opened = 0
  for (let index = size - 1; index >= Math.max(0, size - NEWEST); index--) {
    if (performance.now() - begun > NEWEST_MS) break
    const leaf = (await log.tiles.entries(Math.floor(index / TILE_WIDTH)))[index % TILE_WIDTH]
    const header = leaf && parseLeaf(leaf)
    // A damaged leaf is the tree's, and told with it.
    if (!header) continue
    const place = `regions/${header.region}/${header.subject}`
    try {
      const sealed = await readers.find(header, index)
      const commitment =
        sealed && sealed !== 'erased'
          ? createHash('sha256').update(sealed.salt).update(sealed.event).digest('hex')
          : undefined
      if (sealed === undefined) findings.push({ place, index, what: 'the sealed event is missing' })
      else if (sealed !== 'erased' && commitment !== header.c)
        findings.push({ place, index, what: 'the event is not the one committed to' })
    } catch {
      findings.push({ place, index, what: 'the sealed event cannot be opened' })
    }
    opened++
  }
  return { opened, findings }
}
