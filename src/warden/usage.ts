import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Cgroups, processesIn } from './cgroups.ts'
import { writeWhole } from './files.ts'
import type { Ground } from './ground.ts'
import type { Running } from './life.ts'
import { bootId, treeOf } from './processes.ts'

const PUBLISH_EVERY_MS = 20_000
/** USER_HZ, which Linux fixes for what /proc tells. */
const TICK_MS = 10

/** What an awake instance takes now; null where this machine does not count it. */
export type Usage = {
  instance: string
  /** Processor time of all its processes since it was started. */
  cpuTotalMs: number | null
  /** What it could not give back at once: memory without files that are only cached. */
  memoryBytes: number | null
  /** By the disk watch's last look. */
  diskBytes: number | null
  processes: number | null
}

/**
 * Publishes what awake instances use, in one file for the plane's group to read, until `closed` aborts. What sleeps is
 * neither looked at nor named.
 */
export async function publishUsage(
  ground: Ground,
  running: ReadonlyMap<string, Pick<Running, 'instance' | 'sandboxes'>>,
  diskBytesOf: (instance: string) => number | undefined,
  now: () => number,
  closed: AbortSignal,
  everyMs = PUBLISH_EVERY_MS,
): Promise<void> {
  let wasEmpty = false
  while (!closed.aborted) {
    const records = [...running.values()]
    if (records.length > 0 || !wasEmpty) {
      const items: Usage[] = []
      for (const record of records) items.push(await usageOf(ground, record, diskBytesOf(record.instance)))
      const content = JSON.stringify({ at: now(), bootId: bootId(), items })
      await writeWhole(ground.places.usage, content, {
        mode: 0o640,
        ...(ground.planeGid === undefined ? {} : { owner: { uid: 0, gid: ground.planeGid } }),
      }).catch((error: unknown) => ground.logger.warn('could not publish what instances use', { error }))
    }
    wasEmpty = records.length === 0
    await delay(everyMs, undefined, { signal: closed, ref: false }).catch(() => {})
  }
}

async function usageOf(
  ground: Ground,
  record: Pick<Running, 'instance' | 'sandboxes'>,
  diskBytes: number | undefined,
): Promise<Usage> {
  const { cgroups, world } = ground
  const { instance } = record
  const grouped = processesIn(cgroups, world, instance)
  const pids = grouped.length > 0 ? grouped : record.sandboxes.flatMap(({ init }) => treeOf(init.pid))
  const [cpuTotalMs, memoryBytes] = await Promise.all([
    cpuOfGroups(cgroups, world, instance).then((ms) => ms ?? cpuOfProcesses(pids)),
    memoryOfGroups(cgroups, world, instance),
  ])
  return { instance, cpuTotalMs, memoryBytes, diskBytes: diskBytes ?? null, processes: pids.length || null }
}

async function cpuOfGroups(cgroups: Cgroups, world: string, instance: string): Promise<number | undefined> {
  const mount = cgroups.cpu
  if (!mount) return undefined
  const group = join(mount.root, world, instance)
  if (mount.version === 2) {
    const usec = fieldOf(await textOf(join(group, 'cpu.stat')), 'usage_usec')
    return usec === undefined ? undefined : Math.round(usec / 1000)
  }
  // Only where `cpuacct` is mounted together with `cpu`.
  const ns = await numberOf(join(group, 'cpuacct.usage'))
  return ns === undefined ? undefined : Math.round(ns / 1e6)
}

/** Of those that live and of the children that they have waited for. */
async function cpuOfProcesses(pids: number[]): Promise<number | null> {
  if (pids.length === 0) return null
  let ticks = 0
  for (const pid of pids) {
    const stat = (await textOf(`/proc/${pid}/stat`)) ?? ''
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    for (const at of [11, 12, 13, 14]) ticks += Number(fields[at]) || 0
  }
  return ticks * TICK_MS
}

async function memoryOfGroups(cgroups: Cgroups, world: string, instance: string): Promise<number | null> {
  const mount = cgroups.memory
  if (!mount) return null
  let sum: number | null = null
  for (const role of ['app', 'database']) {
    const group = join(mount.root, world, instance, role)
    const [file, cached] =
      mount.version === 2
        ? ['memory.current', 'inactive_file']
        : ['memory.usage_in_bytes', 'total_inactive_file']
    const used = await numberOf(join(group, file))
    if (used === undefined) continue
    const idle = fieldOf(await textOf(join(group, 'memory.stat')), cached) ?? 0
    sum = (sum ?? 0) + Math.max(0, used - idle)
  }
  return sum
}

const textOf = (path: string) => readFile(path, 'utf8').catch(() => undefined)

async function numberOf(path: string): Promise<number | undefined> {
  const value = Number.parseInt((await textOf(path)) ?? '', 10)
  return Number.isFinite(value) ? value : undefined
}

function fieldOf(text: string | undefined, name: string): number | undefined {
  const line = text?.split('\n').find((one) => one.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}
