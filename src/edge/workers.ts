import cluster, { type Worker } from 'node:cluster'
import { join } from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { ActivityItem } from './activity.ts'
import { fromWorkerSchema, type ToWorker } from './messages.ts'

export type Workers = {
  /** Told to every worker that runs; later ones get it with their start. */
  tell(message: ToWorker): void
  stop(): Promise<void>
}

const againAfterMs = 500
const givenUpAfterMs = 8_000
/**
 * A young generation of V8's own choosing takes 100 MB for garbage that a smaller one collects as fast.
 */
const execArgv = ['--max-semi-space-size=4']

/**
 * Runs this many processes that share the listening ports, and starts another where one dies; resolves when all listen.
 * `start` gives the order that a new worker begins with; `onActivity` hears what one of them saw, `gone` when it has died.
 */
export async function startWorkers(asked: {
  count: number
  start: () => ToWorker
  onActivity: (workerId: number, items: ActivityItem[] | 'gone') => void
  logger: Logger
}): Promise<Workers> {
  const { logger } = asked
  let stopping = false
  cluster.setupPrimary({ exec: join(import.meta.dirname, 'worker-process.ts'), args: [], execArgv })

  const launch = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = cluster.fork()
      worker.on('message', (raw: unknown) => {
        const message = fromWorkerSchema.safeParse(raw)
        if (!message.success) logger.warn('a worker said what is no message', { worker: worker.id })
        else if (message.data.kind === 'ready') resolve()
        else asked.onActivity(worker.id, message.data.items)
      })
      worker.on('exit', (code, signal) => {
        asked.onActivity(worker.id, 'gone')
        reject(new Error(`An edge worker ended with ${signal ?? code} before it listened.`))
        if (stopping) return
        logger.error('a worker died; starting another', { worker: worker.id, code, signal })
        setTimeout(() => !stopping && void launch().catch(() => {}), againAfterMs)
      })
      worker.on('error', (error) => logger.warn('a worker cannot be told', { error }))
      worker.send(asked.start())
    })

  const running = (): Worker[] => Object.values(cluster.workers ?? {}).flatMap((worker) => worker ?? [])
  try {
    await Promise.all(Array.from({ length: asked.count }, launch))
  } catch (error) {
    stopping = true
    for (const worker of running()) worker.process.kill('SIGKILL')
    throw error
  }
  return {
    tell: (message) => {
      for (const worker of running()) worker.send(message)
    },
    async stop() {
      stopping = true
      await Promise.all(
        running().map(
          (worker) =>
            new Promise<void>((resolve) => {
              worker.on('exit', () => resolve())
              setTimeout(() => worker.process.kill('SIGKILL'), givenUpAfterMs).unref()
              worker.send({ kind: 'stop' } satisfies ToWorker)
            }),
        ),
      )
    },
  }
}

/** Puts together what the workers saw, and tells it to the server; what cannot be delivered is told again. */
export class ActivityReport {
  private readonly seen = new Map<string, { lastUsedAt: number; openBy: Map<number, number> }>()
  private readonly news = new Set<string>()
  private silent = false
  private readonly send: (items: ActivityItem[]) => Promise<void>
  private readonly logger: Logger
  private readonly clock: Clock

  constructor(send: (items: ActivityItem[]) => Promise<void>, clock: Clock, logger: Logger) {
    this.send = send
    this.clock = clock
    this.logger = logger
  }

  /** Takes in what one worker says is new with it. */
  hear(workerId: number, items: ActivityItem[] | 'gone'): void {
    if (items === 'gone') {
      for (const [instance, entry] of this.seen) if (entry.openBy.delete(workerId)) this.news.add(instance)
      return
    }
    for (const { instance, lastUsedAt, openRequests } of items) {
      const entry = this.seen.get(instance) ?? { lastUsedAt: 0, openBy: new Map() }
      entry.lastUsedAt = Math.max(entry.lastUsedAt, Math.min(lastUsedAt, this.clock.now()))
      if (openRequests > 0) entry.openBy.set(workerId, openRequests)
      else entry.openBy.delete(workerId)
      this.seen.set(instance, entry)
      this.news.add(instance)
    }
  }

  /** Reports everything new since the last report that was delivered, and everything still open. */
  async deliver(): Promise<void> {
    const items: ActivityItem[] = []
    for (const [instance, { lastUsedAt, openBy }] of this.seen) {
      const openRequests = [...openBy.values()].reduce((sum, open) => sum + open, 0)
      if (this.news.has(instance) || openRequests > 0) items.push({ instance, lastUsedAt, openRequests })
      else this.seen.delete(instance)
    }
    if (items.length === 0) return
    this.news.clear()
    try {
      await this.send(items)
      this.silent = false
    } catch (error) {
      for (const { instance } of items) this.news.add(instance)
      if (!this.silent) this.logger.warn('activity could not be reported', { error })
      this.silent = true
    }
  }
}
