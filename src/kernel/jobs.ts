import type { Db } from './db.ts'
import type { Logger } from './log.ts'
import { listenFor, signal } from './signals.ts'

/** The moment (epoch ms) at which something falls due, and what, for people. */
export type Due = { at: number; what: string }

/** A job takes no input: it looks at what is due and does a bounded amount of it. The answer is what it did, for people. */
export type Job = {
  name: string
  everyMs: number
  run(): Promise<Record<string, unknown> | undefined>
  /** What falls due for it next, or is due and not done yet; a demo's clock is advanced from one to the next. */
  nextDue?(now: number): Promise<Due | undefined>
}

/** The first of what falls due for these jobs. */
export async function earliestDue(
  jobs: readonly Pick<Job, 'nextDue'>[],
  now: number,
): Promise<Due | undefined> {
  const all = await Promise.all(jobs.map((job) => job.nextDue?.(now)))
  return all.flatMap((due) => due ?? []).sort((a, b) => a.at - b.at)[0]
}

const CHANNEL = 'borgen_nudge'

/** Makes a job run as soon as the transaction commits, or at once outside one. */
export const nudge = (db: Db, job: string): Promise<void> => signal(db, CHANNEL, job)

/**
 * Runs each job on its timer and when nudged, never twice at once; a nudge during a run makes it run again. `pass` runs all of
 * them now and resolves when they are done.
 */
export function runJobs({ url, jobs, logger }: { url: string; jobs: Job[]; logger: Logger }): {
  pass(): Promise<void>
  stop(): Promise<void>
} {
  let stopped = false
  const lanes = new Map(jobs.map((job) => [job.name, createLane(job, logger, () => stopped)]))
  const listener = listenFor({
    url,
    channel: CHANNEL,
    logger,
    onSignal: (name) => lanes.get(name)?.nudge(),
    onConnect: () => {
      for (const lane of lanes.values()) lane.nudge()
    },
  })
  const timers = jobs.map((job) => setInterval(() => lanes.get(job.name)?.nudge(), job.everyMs))

  return {
    async pass() {
      for (const lane of lanes.values()) lane.nudge()
      await Promise.all([...lanes.values()].map((lane) => lane.idle()))
    },
    async stop() {
      stopped = true
      for (const timer of timers) clearInterval(timer)
      await listener.stop()
      await Promise.all([...lanes.values()].map((lane) => lane.idle()))
    },
  }
}

function createLane(job: Job, logger: Logger, isStopped: () => boolean) {
  let running: Promise<void> | undefined
  let again = false
  const loop = async () => {
    do {
      again = false
      try {
        await job.run()
      } catch (error) {
        logger.error('job failed', { job: job.name, error })
      }
    } while (again && !isStopped())
    running = undefined
  }
  return {
    nudge() {
      if (isStopped()) return
      if (running) again = true
      else running = loop()
    },
    idle: () => running ?? Promise.resolve(),
  }
}
