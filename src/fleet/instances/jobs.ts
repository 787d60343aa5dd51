import { type Job, nudge } from '../../kernel/jobs.ts'
import { lastDue } from '../apps/schedule.ts'
import { regionById } from '../regions/model.ts'
import { type InstanceActs, noteFall, settleInstance } from './act.ts'
import { mayIdle } from './decide.ts'
import { scheduleDue, sleepDue } from './due.ts'
import {
  awakeInstances,
  scheduledReleases,
  statesOf,
  unsettledInstances,
  wishScheduledWake,
  wishSleepIfIdle,
} from './store.ts'

const AT_ONCE = 8
const SCAN = 200

/** Makes a job that settles what is not as it should be, several instances at once and each by one hand only. */
export function settleJob(acts: InstanceActs): {
  job: Job
  isBusy(id: string): boolean
  idle(): Promise<void>
} {
  const busy = new Map<string, Promise<void>>()

  const take = async () => {
    const due = await unsettledInstances(acts.db, acts.clock.now(), SCAN)
    let taken = 0
    for (const { id } of due) {
      if (busy.size >= AT_ONCE) break
      if (busy.has(id)) continue
      taken += 1
      const done = settleInstance(acts, id)
        .catch((error: unknown) => acts.logger.error('settling failed', { instance: id, error }))
        .then(() => {
          busy.delete(id)
          // a wish may have changed meanwhile, and others may be waiting for this place
          void take().catch((error: unknown) => acts.logger.error('scan failed', { error }))
        })
      busy.set(id, done)
    }
    return { due: due.length, taken }
  }

  return {
    job: { name: 'instances', everyMs: 1000, run: take },
    isBusy: (id) => busy.has(id),
    async idle() {
      while (busy.size > 0) await Promise.all(busy.values())
    },
  }
}

/** Puts idle instances to sleep. */
export function sleepJob(acts: InstanceActs): Job {
  return {
    name: 'sleep',
    everyMs: 2000,
    async run() {
      const now = acts.clock.now()
      let slept = 0
      for (const instance of await awakeInstances(acts.db, SCAN))
        if (
          mayIdle(instance, now).sleep &&
          (await wishSleepIfIdle(acts.db, instance.id, instance.last_request_at, now))
        )
          slept += 1
      if (slept > 0) await nudge(acts.db, 'instances')
      return { slept }
    },
    nextDue: () => sleepDue(acts.db),
  }
}

/** Wakes what its manifest's schedule says, also when the moment passed while nothing ran here. */
export function scheduleJob(acts: Pick<InstanceActs, 'db' | 'clock'>): Job {
  return {
    name: 'schedule',
    everyMs: 5000,
    async run() {
      const now = acts.clock.now()
      let woken = 0
      for (const { release, region, manifest } of await scheduledReleases(acts.db)) {
        const due = lastDue(manifest.schedule, regionById(region).timeZone, now)
        if (due !== undefined) woken += await wishScheduledWake(acts.db, { release, region }, due, now)
      }
      if (woken > 0) await nudge(acts.db, 'instances')
      return { woken }
    },
    nextDue: (now) => scheduleDue(acts.db, now),
  }
}

/**
 * Compares what runs with what the rows say: a process that died is started again, one that nobody wishes is stopped, and
 * what is left of a destroyed instance is removed. An instance that no row knows is reported and never touched.
 */
export function driftJob(acts: InstanceActs, isBusy: (id: string) => boolean): Job {
  return {
    name: 'drift',
    everyMs: 5000,
    async run() {
      const seen = new Map((await acts.driver.reader.list()).map((one) => [one.instance, one]))
      const awake = (await awakeInstances(acts.db, 10_000)).map((row) => row.id)
      const rows = new Map((await statesOf(acts.db, [...awake, ...seen.keys()])).map((row) => [row.id, row]))
      let mended = 0
      for (const [id, row] of rows) {
        const state = seen.get(id)?.state ?? 'absent'
        if (isBusy(id)) continue
        if (row.observed === 'awake' && state !== 'awake' && state !== 'starting')
          await noteFall(acts, id, seen.get(id)?.reason)
        else if (row.observed === 'destroyed' && state !== 'absent') await acts.driver.writer.destroy(id)
        else if (row.observed === 'asleep' && row.desired !== 'awake' && state === 'awake')
          await acts.driver.writer.stop(id)
        else continue
        mended += 1
      }
      for (const id of seen.keys())
        if (!rows.has(id)) acts.logger.warn('an instance that nobody registered', { instance: id })
      if (mended > 0) await nudge(acts.db, 'instances')
      return { mended }
    },
  }
}
