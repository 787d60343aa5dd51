import type { Db } from './db.ts'
import type { Logger } from './log.ts'
import { listenFor, signal } from './signals.ts'

/** A job takes no input: it looks at what is due and does a bounded amount of it. The answer is what it did, for people. */
export type Job = { name: string; everyMs: number; run(): Promise<Record<string, unknown> | undefined> }

const CHANNEL = 'borgen_nudge'

/** Makes a job run as soon as the transaction commits, or at once outside one. */
export const nudge = (db: Db, job: string): Promise<void> => signal(db, CHANNEL, job)

/** Runs each job on its timer and when nudged, never twice at once; a nudge during a run makes it run again. */
export function runJobs({ url, jobs, logger }: { url: string; jobs: Job[]; logger: Logger }): {
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
