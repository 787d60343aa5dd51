import cluster, { type Worker } from 'node:cluster'
import { join } from 'node:path'
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
