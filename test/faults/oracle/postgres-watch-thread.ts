import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { seePostgres, serversByFolder, worksBelow } from './read-processes.ts'

const pauseMs = 8
// Between giving its files back and being a zombie a dying process is still listed.
const dyingMs = 5

const { looked, below }: { looked: Int32Array; below: string } = workerData
const crowded = () =>
  [...serversByFolder(seePostgres())].filter(
    ([, servers]) => servers.length > 1 && servers.some(({ pid }) => worksBelow(pid, below)),
  )

for (;;) {
  const first = crowded()
  Atomics.add(looked, 0, 1)
  if (first.length > 0) {
    await delay(dyingMs)
    const still = new Map(crowded())
    for (const [folder, servers] of first) {
      const both = servers.filter(({ pid }) => still.get(folder)?.some((one) => one.pid === pid))
      if (both.length > 1) parentPort?.postMessage({ folder, servers: both })
    }
  }
  await delay(pauseMs)
}
