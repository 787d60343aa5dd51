import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { SeenPostgres } from './read-processes.ts'

/** A moment in which a data folder had more than one server. */
export type Overlap = { folder: string; servers: SeenPostgres[] }

/** Looks at every PostgreSQL of the machine without pause, from a thread of its own, until it is closed. */
export type PostgresWatch = {
  overlaps: Overlap[]
  /** How often it has looked. */
  looks(): number
  close(): Promise<void>
}

export async function watchPostgres(): Promise<PostgresWatch> {
  const overlaps: Overlap[] = []
  const looked = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL('./postgres-watch-thread.ts', import.meta.url), { workerData: looked })
  worker.on('message', (overlap: Overlap) => overlaps.push(overlap))
  await once(worker, 'online')
  return {
    overlaps,
    looks: () => Atomics.load(looked, 0),
    close: async () => void (await worker.terminate()),
  }
}
