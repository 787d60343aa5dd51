import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { SeenPostgres } from './read-processes.ts'

/** A moment in which a data folder had more than one server. */
export type Overlap = { folder: string; servers: SeenPostgres[] }

/** Looks at every PostgreSQL of one world without pause, from a thread of its own, until it is closed. */
export type PostgresWatch = {
  overlaps: Overlap[]
  /** How often it has looked. */
  looks(): number
  close(): Promise<void>
}

/** Watches the servers whose data lies below a folder; other worlds on the machine have watches of their own. */
export async function watchPostgres(below: string): Promise<PostgresWatch> {
  const overlaps: Overlap[] = []
  const looked = new Int32Array(new SharedArrayBuffer(4))
  const thread = new URL('./postgres-watch-thread.ts', import.meta.url)
  const worker = new Worker(thread, { workerData: { looked, below } })
  worker.on('message', (overlap: Overlap) => overlaps.push(overlap))
  await once(worker, 'online')
  return {
    overlaps,
    looks: () => Atomics.load(looked, 0),
    close: async () => void (await worker.terminate()),
  }
}
