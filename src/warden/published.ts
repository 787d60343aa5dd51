import { readdir, rm } from 'node:fs/promises'
import { writeWhole } from './files.ts'
import type { Places } from './places.ts'
import type { ProcessIdentity } from './processes.ts'

export type Limit = { state: 'enforced' | 'watched' | 'absent'; reason: string }
export type Limits = Record<'memory' | 'cpu' | 'processes' | 'disk' | 'seccomp' | 'uid' | 'network', Limit>

/** What the warden tells the plane about one instance; the reading half of the local driver parses it. */
export type Published = {
  instance: string
  state: 'asleep' | 'starting' | 'awake' | 'failed'
  bootId: string
  socket?: string
  processes: (ProcessIdentity & { role: 'app' | 'database' })[]
  limits: Limits
  reason?: string
}

/** Publishes for the plane's group to read; a reader sees the whole of one state. */
export async function publish(
  places: Places,
  planeGid: number | undefined,
  observed: Published,
): Promise<void> {
  await writeWhole(places.observedOf(observed.instance), JSON.stringify(observed), {
    mode: 0o640,
    ...(planeGid === undefined ? {} : { owner: { uid: 0, gid: planeGid } }),
  })
}

export async function unpublish(places: Places, instance: string): Promise<void> {
  await rm(places.observedOf(instance), { force: true })
}

export async function publishedIds(places: Places): Promise<string[]> {
  const names = await readdir(places.observed)
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
}
