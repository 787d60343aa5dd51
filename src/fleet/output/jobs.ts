import type { AppendToLog } from '../../changes/outbox.ts'
import type { InstanceOutput } from '../../drivers/instances/contract/output.ts'
import type { Db } from '../../kernel/db.ts'
import type { Job } from '../../kernel/jobs.ts'
import { entryOf, linesOf } from './model.ts'
import { noteShipped, regionsOf, shippedOffsets } from './store.ts'

const CHUNK_BYTES = 256 * 1024
const RELEASE_EVERY_BYTES = 1024 * 1024
const CHUNKS_A_RUN = 16

/**
 * Carries what instances wrote into the log, each line once: a crash between the log and the note repeats lines under the same
 * key. When the log refuses, the output waits in its file.
 */
export function outputJob(parts: { db: Db; output: InstanceOutput; append: AppendToLog }): Job {
  const { db, output, append } = parts
  const seenEnd = new Map<string, number>()
  return {
    name: 'output',
    everyMs: 1000,
    async run() {
      const files = (await output.list()).filter(
        (one) => seenEnd.get(`${one.instance}/${one.file}`) !== one.endBytes,
      )
      if (files.length === 0) return undefined
      const offsets = new Map(
        (await shippedOffsets(db)).map((row) => [`${row.instance}/${row.file}`, row.offset_bytes]),
      )
      const regions = new Map(
        (await regionsOf(db, [...new Set(files.map((one) => one.instance))])).map((row) => [
          row.id,
          row.region,
        ]),
      )
      let lines = 0
      for (const { instance, file, endBytes } of files) {
        const region = regions.get(instance)
        if (region === undefined) continue
        const known = offsets.get(`${instance}/${file}`) ?? 0
        let offset = known > endBytes ? 0 : known // the file was made anew
        for (let count = 0; count < CHUNKS_A_RUN && offset < endBytes; count++) {
          const chunk = await output.read(instance, file, offset, CHUNK_BYTES)
          const found = linesOf(chunk, offset, CHUNK_BYTES)
          const last = found.at(-1)
          if (!last) break
          const entries = found
            .filter((line) => line.text !== '')
            .map((line) => entryOf({ instance, region, file }, line))
          if (entries.length > 0) await append(entries)
          await noteShipped(db, instance, file, last.endBytes)
          if (Math.floor(last.endBytes / RELEASE_EVERY_BYTES) > Math.floor(offset / RELEASE_EVERY_BYTES))
            await output.release(instance, file, last.endBytes)
          offset = last.endBytes
          lines += entries.length
        }
        if (offset >= endBytes) seenEnd.set(`${instance}/${file}`, endBytes)
      }
      return { lines }
    },
  }
}
