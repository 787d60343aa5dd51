import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const controllers = ['memory', 'pids', 'cpu'] as const
type Controller = (typeof controllers)[number]

/** Where each controller is mounted and in which version of the interface; undefined where this machine has none. */
export type Cgroups = Record<Controller, { version: 1 | 2; root: string } | undefined>

/** The part of a limit that goes to one sandbox of an instance. */
export type CgroupLimits = { memoryMiB: number; cpus: number; processes: number }

const periodUs = 100_000

/** Finds the controllers in a mountinfo text; `usable` says whether groups can be made under a mount. */
export function findCgroups(mountinfo: string, usable: (path: string) => boolean): Cgroups {
  const found: Cgroups = { memory: undefined, pids: undefined, cpu: undefined }
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ')
    const path = unescaped(before?.split(' ')[4])
    const [type, , options] = after?.split(' ') ?? []
    if (!path || !usable(path)) continue
    for (const name of controllers) {
      if (type === 'cgroup' && options?.split(',').includes(name)) found[name] = { version: 1, root: path }
      if (type === 'cgroup2' && offers(path, name)) found[name] ??= { version: 2, root: path }
    }
  }
  return found
}

function unescaped(path: string | undefined): string | undefined {
  return path?.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}

function offers(path: string, controller: Controller): boolean {
  const file = join(path, 'cgroup.controllers')
  return existsSync(file) && readFileSync(file, 'utf8').split(/\s+/).includes(controller)
}

/** Group names: one for the world, one for the instance in it, one for each sandbox in that. */
export type GroupName = { world: string; instance: string; role: 'app' | 'database' }

/**
 * Makes a sandbox's groups with its limits and returns the files through which a process enters them, none where there
 * are no controllers.
 */
export async function makeGroups(cgroups: Cgroups, name: GroupName, limits: CgroupLimits): Promise<string[]> {
  const entries = new Set<string>()
  for (const controller of controllers) {
    const mount = cgroups[controller]
    if (!mount) continue
    const path = join(mount.root, name.world, name.instance, name.role)
    if (mount.version === 2) await delegate(mount.root, [name.world, name.instance], controller)
    await mkdir(path, { recursive: true })
    // Processors are shared by the two sandboxes of an instance.
    const limited = controller === 'cpu' ? dirname(path) : path
    for (const [file, value] of settings(controller, mount.version, limits)) {
      await writeFile(join(limited, file), value).catch((error: NodeJS.ErrnoException) => {
        // Swap accounting is compiled in on some kernels only; without swap nothing is lost.
        if (!file.includes('sw')) throw error
      })
    }
    entries.add(join(path, 'cgroup.procs'))
  }
  return [...entries]
}

/** The files through which a process enters the groups that a running sandbox has. */
export function groupFiles(cgroups: Cgroups, name: GroupName): string[] {
  return mountsOf(cgroups)
    .map((mount) => join(mount, name.world, name.instance, name.role, 'cgroup.procs'))
    .filter((path) => existsSync(path))
}

async function delegate(root: string, below: string[], controller: Controller): Promise<void> {
  let path = root
  for (const name of ['', ...below]) {
    path = join(path, name)
    await mkdir(path, { recursive: true })
    await writeFile(join(path, 'cgroup.subtree_control'), `+${controller}`)
  }
}

function settings(controller: Controller, version: 1 | 2, limits: CgroupLimits): [string, string][] {
  const bytes = String(limits.memoryMiB * 1024 * 1024)
  const quota = Math.max(1000, Math.round(limits.cpus * periodUs))
  switch (controller) {
    case 'memory':
      return version === 1
        ? [
            ['memory.limit_in_bytes', bytes],
            ['memory.memsw.limit_in_bytes', bytes],
          ]
        : [
            ['memory.max', bytes],
            ['memory.swap.max', '0'],
          ]
    case 'pids':
      return [['pids.max', String(limits.processes)]]
    case 'cpu':
      return version === 1
        ? [
            ['cpu.cfs_period_us', String(periodUs)],
            ['cpu.cfs_quota_us', String(quota)],
          ]
        : [['cpu.max', `${quota} ${periodUs}`]]
  }
}

/** Every process in an instance's groups. */
export function processesIn(cgroups: Cgroups, world: string, instance: string): number[] {
  const pids = new Set<number>()
  for (const mount of mountsOf(cgroups)) {
    for (const role of ['app', 'database']) {
      try {
        const text = readFileSync(join(mount, world, instance, role, 'cgroup.procs'), 'utf8')
        for (const line of text.split('\n')) if (line) pids.add(Number(line))
      } catch {
        // No such group: nothing is in it.
      }
    }
  }
  return [...pids]
}

/** Removes an instance's groups, since even an empty one costs memory. They must hold no process. */
export async function removeGroups(cgroups: Cgroups, world: string, instance: string): Promise<void> {
  for (const mount of mountsOf(cgroups)) {
    const group = join(mount, world, instance)
    for (const path of [join(group, 'app'), join(group, 'database'), group]) await removeGroup(path)
  }
}

async function removeGroup(path: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      await rmdir(path)
      return
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return
      // The kernel takes a moment after the last process has gone.
      if (code !== 'EBUSY') throw error
      await delay(4)
    }
  }
}

/** The instances of a world that have groups. */
export async function instancesWithGroups(cgroups: Cgroups, world: string): Promise<string[]> {
  const names = new Set<string>()
  for (const mount of mountsOf(cgroups)) {
    for (const entry of await readdir(join(mount, world), { withFileTypes: true }).catch(() => [])) {
      if (entry.isDirectory()) names.add(entry.name)
    }
  }
  return [...names]
}

/** Removes the world's own groups, once nothing of it runs. */
export async function removeWorld(cgroups: Cgroups, world: string): Promise<void> {
  for (const mount of mountsOf(cgroups)) await rmdir(join(mount, world)).catch(() => {})
}

function mountsOf(cgroups: Cgroups): string[] {
  return [...new Set(controllers.map((name) => cgroups[name]?.root).filter((root) => root !== undefined))]
}
