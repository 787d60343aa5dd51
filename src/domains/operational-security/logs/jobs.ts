import { recordInTransaction } from '../../../changes/outbox.ts'
import type { WitnessWriter } from '../../../drivers/witnesses/contract/witness.ts'
import { type Clock, isoOf } from '../../../kernel/clock.ts'
import type { Db } from '../../../kernel/db.ts'
import type { Job } from '../../../kernel/jobs.ts'
import type { Logger } from '../../../kernel/log.ts'
import type { WitnessAt } from '../../../kernel/witnesses.ts'
import type { LedgerClient } from '../../../ledger/client/client.ts'
import { cosignNewest } from './act.ts'
import { checkpointIntervalMs } from './interval.ts'
import { keepWitnesses, saveWitness, witnessRows } from './store.ts'

// Early enough that the evidence is never older than what was promised, late timers included.
const LEAD_MS = 1_500

/**
 * Carries the newest checkpoint to every witness as often as was promised, at the same time, so that one that is silent holds
 * nobody up. When a witness begins to refuse or falls silent, and when it is back, the log says so.
 */
export function witnessJob(given: {
  db: Db
  clock: Clock
  logger: Logger
  ledger: LedgerClient
  witnesses: readonly (WitnessAt & { writer: WitnessWriter })[]
}): Job {
  const { db, clock, logger, ledger, witnesses } = given
  const known = new Map(witnesses.map(({ key }) => [key, { size: 0, triedAt: Number.NEGATIVE_INFINITY }]))
  let isTidy = false

  const carryTo = async (witness: (typeof witnesses)[number]) => {
    const seen = known.get(witness.key)!
    const before = (await witnessRows(db)).get(witness.key)
    const now = clock.now()
    seen.triedAt = now
    const { state, reason } = await cosignNewest(ledger, witness.writer, seen)
    const isNews = before?.state !== state
    await db.transaction().execute(async (tx) => {
      const { key, name, url } = witness
      const since = isNews ? now : before.since
      await saveWitness(tx, { key, name, url, state, reason, tried_at: now, since })
      // A first word is what is expected, no news.
      if (!isNews || (before === undefined && state === 'cosigned')) return
      const event = { witness: name, key, state, reason, at: isoOf(now) }
      const stream = state === 'cosigned' ? 'event' : 'error'
      const entry = { key: `witness:${key}:${now}`, type: `witness.${state}`, event, stream } as const
      await recordInTransaction(tx, [{ ...entry, subject: 'plane', region: 'plane' }], now)
    })
  }

  return {
    name: 'witness',
    everyMs: 1000,
    async run() {
      if (!isTidy) await keepWitnesses(db, [...known.keys()])
      isTidy = true
      const everyMs = (await checkpointIntervalMs(db)) - LEAD_MS
      const now = clock.now()
      const due = witnesses.filter(({ key }) => {
        const { triedAt } = known.get(key)!
        return now - triedAt >= everyMs || triedAt > now
      })
      const done = await Promise.allSettled(due.map(carryTo))
      for (const one of done)
        if (one.status === 'rejected')
          logger.error('a checkpoint was not carried to a witness', { error: one.reason })
      return { carried: due.length }
    },
  }
}
