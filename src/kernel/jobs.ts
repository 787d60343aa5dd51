import pg from 'pg'
import type { Logger } from './log.ts'

/** A job takes no input: it looks at what is due and does a bounded amount of it. The answer is what it did, for people. */
export type Job = { name: string; everyMs: number; run(): Promise<Record<string, unknown> | undefined> }

const CHANNEL = 'borgen_nudge'
const RECONNECT_MS = 500

/** Runs each job on its timer and when nudged, never twice at once; a nudge during a run makes it run again. */
export function runJobs({ url, jobs, logger }: { url: string; jobs: Job[]; logger: Logger }): {
  stop(): Promise<void>
} {
  let stopped = false
  let listener: pg.Client | undefined
  let reconnect: NodeJS.Timeout | undefined
  const lanes = new Map(jobs.map((job) => [job.name, createLane(job, logger, () => stopped)]))

  const listen = async () => {
    if (stopped) return
    const client = new pg.Client({ connectionString: url })
    const again = () => {
      if (listener === client) listener = undefined
      if (!stopped) reconnect = setTimeout(listen, RECONNECT_MS)
    }
    client.once('error', again)
    client.on('notification', (message) => lanes.get(message.payload ?? '')?.nudge())
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
      listener = client
      for (const lane of lanes.values()) lane.nudge() // whatever was nudged while nobody listened
    } catch (error) {
      logger.warn('cannot listen for nudges; timers go on', { error })
      client.removeListener('error', again)
      client.on('error', () => {})
      again()
    }
  }
  void listen()
  const timers = jobs.map((job) => setInterval(() => lanes.get(job.name)?.nudge(), job.everyMs))

  return {
    async stop() {
      stopped = true
      clearTimeout(reconnect)
      for (const timer of timers) clearInterval(timer)
      await listener?.end().catch(() => {})
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
