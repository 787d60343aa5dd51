import { recordInTransaction } from '../../changes/outbox.ts'
import type { EgressEvent } from '../../drivers/instances/contract/egress.ts'
import { stampOf } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { type InstanceActs, startAsItIs } from './act.ts'
import { awakeInstances, regionOf } from './store.ts'

const SCAN = 10_000

/** Puts one connection of an instance on its way into the log of that instance. */
export async function recordEgress(
  { db, clock }: Pick<InstanceActs, 'db' | 'clock'>,
  seen: EgressEvent,
): Promise<void> {
  const region = await regionOf(db, seen.instance)
  if (region === undefined) return
  const now = clock.now()
  const { instance, ...connection } = seen
  await recordInTransaction(
    db,
    [
      {
        key: `${instance}:egress:${newId('evt')}`,
        stream: seen.outcome === 'refused' ? 'error' : 'event',
        subject: instance,
        region,
        type: `egress.${seen.outcome}`,
        event: { instance, ...stampOf(clock), ...connection },
      },
    ],
    now,
  )
}

/** The proxies live in this process: whoever ran on while it did not gets theirs back, and runs on. */
export async function reopenEgress(acts: InstanceActs): Promise<void> {
  for (const instance of await awakeInstances(acts.db, SCAN)) {
    if (instance.desired !== 'awake' || instance.manifest.egress.length === 0) continue
    await startAsItIs(acts, instance).catch((error: unknown) =>
      acts.logger.error('its way out could not be opened', { instance: instance.id, error }),
    )
  }
}
