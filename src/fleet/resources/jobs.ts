import type { UsageReader } from '../../drivers/instances/contract/usage.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Db } from '../../kernel/db.ts'
import type { Job } from '../../kernel/jobs.ts'
import { deleteSamplesBefore, insertSamples } from './store.ts'

const SAMPLE_EVERY_MS = 60_000
/** Measured longer ago than this, it says nothing of now. */
const TOO_OLD_MS = 120_000
/** P7D */
export const KEPT_MS = 7 * 86_400_000
const SWEEP_EVERY_MS = 15 * 60_000
const SWEPT_AT_ONCE = 10_000

/** Writes down each minute what awake instances use. Sleeping ones are not asked: there is nothing to measure. */
export function sampleJob({ db, clock, usage }: { db: Db; clock: Clock; usage: UsageReader }): Job {
  return {
    name: 'resources',
    everyMs: SAMPLE_EVERY_MS,
    async run() {
      const seen = await usage.read()
      if (!seen || seen.items.length === 0 || clock.now() - seen.at > TOO_OLD_MS) return { sampled: 0 }
      await insertSamples(
        db,
        seen.items.map((one) => ({
          instance: one.instance,
          at: seen.at,
          cpu_total_ms: one.cpuTotalMs,
          memory_bytes: one.memoryBytes,
          disk_bytes: one.diskBytes,
          processes: one.processes,
          state: 'awake' as const,
        })),
      )
      return { sampled: seen.items.length }
    },
  }
}

/** Deletes samples after seven days, oldest first, a bounded number at a time. */
export function sweepSamplesJob({ db, clock }: { db: Db; clock: Clock }): Job {
  return {
    name: 'resources-retention',
    everyMs: SWEEP_EVERY_MS,
    async run() {
      let deleted = 0
      for (let round = 0; round < 20; round++) {
        const some = await deleteSamplesBefore(db, clock.now() - KEPT_MS, SWEPT_AT_ONCE)
        deleted += some
        if (some < SWEPT_AT_ONCE) break
      }
      return { deleted }
    },
  }
}
