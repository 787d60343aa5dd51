import { z } from 'zod'
import { recordInTransaction } from '../../../../changes/outbox.ts'
import { existingInstances } from '../../../../fleet/instances/store.ts'
import { type Clock, isoOf } from '../../../../kernel/clock.ts'
import type { Db } from '../../../../kernel/db.ts'
import type { LedgerClient } from '../../../../ledger/client/client.ts'
import { createNewestEntries, STREAMS } from './newest-entries.ts'
import type { StreamEyes } from './prove.ts'

const answer = z.object({
  planted: z.array(
    z.object({ instance: z.string(), state: z.enum(['planted', 'busy', 'absent']), at: z.number() }),
  ),
  processes: z.array(z.object({ name: z.string(), isLogged: z.boolean() })),
})

/** The eyes of a world on this machine: the register, the warden's probe `streams`, the outbox, and the log's own headers. */
export function createStreamEyes(given: {
  db: Db
  clock: Clock
  ledger: Pick<LedgerClient, 'health' | 'tile'>
  probeStreams(instances: readonly string[]): Promise<unknown>
}): StreamEyes {
  const { db, clock, ledger } = given
  return {
    clock,
    instances: () => existingInstances(db),
    async plant(instances) {
      const { planted, processes } = answer.parse(await given.probeStreams(instances))
      return { planted: planted.map(({ instance, ...one }) => ({ subject: instance, ...one })), processes }
    },
    async plantOwn(atMs) {
      const entries = STREAMS.map((stream) => ({
        key: `canary:${stream}:${atMs}`,
        type: 'canary.planted',
        stream,
        subject: 'plane',
        region: 'plane',
        event: { note: 'Planted by the proof that this stream reaches the log.', at: isoOf(atMs) },
      }))
      await recordInTransaction(db, entries, atMs)
    },
    newest: createNewestEntries(ledger),
  }
}
