import type { Db } from '../../kernel/db.ts'
import type { Due } from '../../kernel/jobs.ts'
import { durationMs } from '../apps/manifest.ts'
import { nextDue } from '../apps/schedule.ts'
import { regionById } from '../regions/model.ts'
import { awakeInstances, scheduledReleases } from './store.ts'

const SCAN = 200

/** When the first of the idle instances is to sleep, if nobody asks for it until then. */
export async function sleepDue(db: Db): Promise<Due | undefined> {
  const due = (await awakeInstances(db, SCAN)).flatMap((one) =>
    one.desired === 'awake' && one.manifest.sleep === 'idle' && one.open_requests === 0
      ? [
          {
            at: Math.max(one.last_request_at, one.changed_at) + durationMs(one.manifest.idleAfter),
            what: `${one.host} goes to sleep`,
          },
        ]
      : [],
  )
  return due.sort((a, b) => a.at - b.at)[0]
}

/** When a manifest's schedule next wakes somebody. */
export async function scheduleDue(db: Db, now: number): Promise<Due | undefined> {
  const due = (await scheduledReleases(db)).flatMap(({ region, manifest }) => {
    const at = nextDue(manifest.schedule, regionById(region).timeZone, now)
    return at === undefined ? [] : [{ at, what: `${manifest.name} wakes in ${region}, as its schedule says` }]
  })
  return due.sort((a, b) => a.at - b.at)[0]
}
