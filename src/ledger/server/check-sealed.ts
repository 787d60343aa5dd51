import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { KeyPlace } from '../../drivers/kms/contract/key-store.ts'
import { isAppError } from '../../kernel/errors.ts'
import type { SegmentReaders } from '../segments/readers.ts'
import { placeKey, segmentPath } from '../segments/writers.ts'
import { TILE_WIDTH } from '../tree/tile-path.ts'
import type { Owed } from './check-tree.ts'
import { parseLeaf } from './entry.ts'
import type { FsckStep } from './finding.ts'
import type { Log } from './log.ts'

const PROGRESS_EVERY_FRAMES = 256
const PROGRESS_EVERY_SUBJECTS = 16

export type SealedCount = { sealedEvents: number; erasedFrames: number }

/**
 * Opens every sealed event whose key exists and compares it with its commitment. A segment of which the key is gone is
 * "erased" only where the key store says that the key was destroyed.
 */
export async function* checkSealed(
  log: Log,
  size: number,
  owed: Owed,
): AsyncGenerator<FsckStep, SealedCount> {
  const readers = log.freshReaders()
  const total: SealedCount = { sealedEvents: 0, erasedFrames: 0 }
  for (const [number, head] of log.places().entries()) {
    if (number % PROGRESS_EVERY_SUBJECTS === 0) yield { step: 'progress', checkedEntries: size, size }
    const place = { region: head.region, subject: head.subject }
    const due = owed.bySubject.get(placeKey(place)) ?? { count: 0, sum: 0n }
    owed.bySubject.delete(placeKey(place))
    const have = { count: 0, sum: 0n }
    // With entries unknown, whose events they are is unknown too.
    let isKnown = owed.unknown.size === 0
    for (const segment of await readers.segmentsOf(place)) {
      const path = `regions/${segmentPath({ ...place, first: segment })}`
      const found = (what: string, index?: number): FsckStep => {
        isKnown = false
        return { step: 'finding', finding: { place: path, what, ...(index === undefined ? {} : { index }) } }
      }
      const frames = await readFrames(readers, place, segment)
      if (typeof frames === 'string') {
        yield found(`cannot be read: ${frames}`)
        continue
      }
      const end = segment === head.first ? head.length : statSync(join(log.folder, path)).size
      if (frames.readTo < end) yield found(`no frame can be read at byte ${frames.readTo}, where one begins`)
      const key = await stateOfKey(log, place, frames.keyVersion)
      if (key !== 'there') {
        if (key === 'destroyed') total.erasedFrames += frames.first.length
        else {
          const name = `keys/${place.region}/${place.subject}.${frames.keyVersion}.json`
          yield { step: 'finding', finding: { place: name, what: key } }
        }
        isKnown = false
        continue
      }
      for (let frame = 0; frame < frames.first.length; frame++) {
        try {
          const opened = await readers.openFrame(place, segment, frame)
          if (opened.erased) {
            yield found(`frame ${frame} was sealed with another key than the one of its version`)
            continue
          }
          for (const { index, salt, event } of opened.records) {
            if (index >= size) continue
            have.count++
            have.sum += BigInt(index)
            total.sealedEvents++
            if (owed.unknown.has(index)) continue
            const leaf = (await log.tiles.entries(Math.floor(index / TILE_WIDTH)))[index % TILE_WIDTH]
            const commitment = createHash('sha256').update(salt).update(event).digest('hex')
            if (leaf && parseLeaf(leaf)?.c !== commitment)
              yield found('the event is not the one committed to', index)
          }
        } catch (error) {
          if (!isAppError(error) && !(error instanceof RangeError)) throw error
          yield found(`frame ${frame} does not open: it was altered`, frames.first[frame])
        }
        if (frame % PROGRESS_EVERY_FRAMES === PROGRESS_EVERY_FRAMES - 1)
          yield { step: 'progress', checkedEntries: size, size }
      }
    }
    if (isKnown && (have.count !== due.count || have.sum !== due.sum))
      yield {
        step: 'finding',
        finding: {
          place: `regions/${placeKey(place)}`,
          what: `holds ${have.count} of ${due.count} sealed events`,
        },
      }
  }
  for (const [name, { count }] of owed.bySubject)
    yield {
      step: 'finding',
      finding: { place: `regions/${name}`, what: `holds none of ${count} sealed events` },
    }
  return total
}

type Frames = Awaited<ReturnType<SegmentReaders['frames']>>

async function readFrames(
  readers: SegmentReaders,
  place: KeyPlace,
  segment: number,
): Promise<Frames | string> {
  try {
    return await readers.frames(place, segment)
  } catch (error) {
    return (error as Error).message
  }
}

async function stateOfKey(
  log: Log,
  place: KeyPlace,
  version: number,
): Promise<'there' | 'destroyed' | string> {
  try {
    if (await log.keys.get(place, version)) return 'there'
    return 'is missing, and nothing says that it was destroyed'
  } catch (error) {
    if (isAppError(error, 'gone')) return 'destroyed'
    if (!isAppError(error)) throw error
    return `cannot be opened: ${error.message}`
  }
}
