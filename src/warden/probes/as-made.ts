import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { allPids } from '../processes.ts'
import type { SandboxRecord } from '../sandbox.ts'
import type { Identity } from '../slots.ts'
import type { ProbeGround } from './kind.ts'
import { lacksOf } from './lacks.ts'
import type { Planted } from './planted.ts'
import type { Tried } from './tried.ts'

type Made = { instance: string; identity: Identity; sandboxes: readonly SandboxRecord[]; planted: Planted }

const namespaces = ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup'] as const

/** What the kernel says of the sandboxes that are there, and the file system of the folders bound into them. */
export async function asItWasMade(on: ProbeGround, made: Made): Promise<Tried[]> {
  return [...namespacesOfItsOwn(on, made), ...withoutPowers(on, made), ...foldersOfItsOwn(on, made)]
}

function namespacesOfItsOwn({ running }: ProbeGround, { instance, sandboxes, planted }: Made): Tried[] {
  const others = [...running.values()]
    .filter((one) => one.instance !== instance)
    .flatMap((one) => one.sandboxes.map(({ init }) => init.pid))
  return namespaces.flatMap((kind): Tried[] => {
    const here = namespaceOf(process.pid, kind)
    // A kernel without that kind has nothing to keep apart by it.
    if (here === undefined) return []
    const foreign = new Set([here, ...others.map((pid) => namespaceOf(pid, kind))])
    const own = sandboxes.map(({ init }) => namespaceOf(init.pid, kind))
    return [
      {
        from: 'outside',
        name: `a namespace shared with others (${kind})`,
        reached: own.some((one) => one === undefined) ? null : own.some((one) => foreign.has(one)),
        controlReached: foreign.has(namespaceOf(planted.process.pid, kind)),
        detail: '',
      },
    ]
  })
}

function namespaceOf(pid: number, kind: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`)
  } catch {
    return undefined
  }
}

/** Every process in its sandboxes: its user, no power, none to be had, the filter. */
function withoutPowers({ ground }: ProbeGround, { identity, sandboxes }: Made): Tried[] {
  const own = new Set(sandboxes.map(({ init }) => namespaceOf(init.pid, 'pid')))
  const inside = allPids().filter((pid) => {
    const one = namespaceOf(pid, 'pid')
    return one !== undefined && own.has(one)
  })
  const bare = (pid: number) => lacksOf(pid, identity.uid, ground.machine.seccompFile !== undefined)
  const lacks = inside.flatMap(bare)
  return [
    {
      from: 'outside',
      name: 'a process in its sandboxes with powers, without the filter, or of another user',
      reached: inside.length < sandboxes.length ? null : lacks.length > 0,
      controlReached: bare(process.pid).length > 0,
      detail: [...new Set(lacks)].join(', '),
    },
  ]
}

/** The folders that are bound into its sandboxes: its user's, closed to all others, and the ones that are mounted there. */
function foldersOfItsOwn({ ground }: ProbeGround, { instance, identity, sandboxes, planted }: Made): Tried[] {
  const folder = ground.places.instance(instance)
  const open = [folder.files, folder.db, folder.run, ...(hasFolder(folder.pg) ? [folder.pg] : [])].flatMap(
    (path) => openTo(path, identity.uid),
  )
  const strange = sandboxes.flatMap((one) => strangeMounts(one.init.pid, ground.boot.dataDir, instance))
  return [
    {
      from: 'outside',
      name: 'a folder of it that is open to others',
      reached: open.length > 0,
      controlReached: openTo(planted.twin.folder, identity.uid).length > 0,
      detail: open.join(', '),
    },
    {
      from: 'outside',
      name: "something of another's mounted into its sandboxes",
      reached: strange.length > 0,
      controlReached: strangeMounts(process.pid, ground.boot.dataDir, instance).length > 0,
      detail: strange.slice(0, 3).join(', '),
    },
  ]
}

function hasFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function openTo(path: string, uid: number): string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (!found) return [`${name} is not there`]
  if (found.uid !== uid) return [`${name} is another user's`]
  return (found.mode & 0o007) === 0 ? [] : [`${name} is open to everybody`]
}

/** Kinds of mounts that hold nothing of anybody; and what of the host's own programs a sandbox is shown. */
const harmless = /^(tmpfs|proc|devpts|devtmpfs|sysfs|mqueue|cgroup2?)$/
const systemFolders =
  /^\/(usr|bin|sbin|lib|lib32|lib64|etc|dev|run\/pg|run\/app|run\/egress|opt|app|files|pg|idle)(\/|$)/

/** Mounts that are not where a plan puts one, or whose root on its file system lies in another instance's folder. */
function strangeMounts(pid: number, dataDir: string, instance: string): string[] {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
  } catch {
    return []
  }
  void dataDir
  return text
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const [before, after] = line.split(' - ')
      const [, , , root, at] = before?.split(' ') ?? []
      const type = after?.split(' ')[0] ?? ''
      if (root === undefined || at === undefined) return []
      const other = /ins_[0-9a-hjkmnp-tv-z]{26}/.exec(root)?.[0]
      if (other !== undefined && other !== instance) return [`${at} is another's`]
      if (harmless.test(type) || systemFolders.test(at)) return []
      return [`${at} (${type})`]
    })
}
