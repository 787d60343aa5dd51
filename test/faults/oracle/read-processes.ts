import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename } from 'node:path'

/** A living process as the kernel shows it. */
export type SeenProcess = { pid: number; parent: number; name: string; uid: number; command: string }

/** A PostgreSQL at work: `folder` names its data folder by device and inode, whatever path its own mounts give it. */
export type SeenPostgres = SeenProcess & { folder: string; isPostmaster: boolean }

/** Every living process (zombies are not). */
export function seeProcesses(): SeenProcess[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (seeProcess(Number(name)) ?? []) : []))
}

/** Every PostgreSQL process: servers, their backends, and single-user ones. */
export function seePostgres(): SeenPostgres[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || read(`/proc/${name}/comm`) !== 'postgres\n') return []
    const process = seeProcess(Number(name))
    const folder = folderIdentity(`/proc/${name}/cwd`)
    if (process === undefined || folder === undefined) return []
    return { ...process, folder, isPostmaster: / -D| --single/.test(process.command) }
  })
}

/** Device and inode of a folder; undefined when it is gone. */
export function folderIdentity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/**
 * The servers in each data folder, as far as each has one of its own: processes whose parent is no PostgreSQL of the same
 * folder. Backends that lost their server count when a server runs beside them. More than one in a folder is the fault.
 */
export function serversByFolder(seen: readonly SeenPostgres[]): Map<string, SeenPostgres[]> {
  const folderOf = new Map(seen.map((one) => [one.pid, one.folder]))
  const heads = seen.filter((one) => folderOf.get(one.parent) !== one.folder)
  const byFolder = Map.groupBy(heads, (one) => one.folder)
  return new Map([...byFolder].filter(([, all]) => all.some((one) => one.isPostmaster)))
}

/** Whether a process works below this folder, which has a name of its own, or has it or a part of it among its mounts. */
export function worksBelow(pid: number, folder: string): boolean {
  const name = `/${basename(folder)}/`
  return [`${linkAt(`/proc/${pid}/cwd`)}/`, ...mountedIn(pid)].some((path) => path.includes(name))
}

// The fourth field of mountinfo: which folder of its file system is mounted.
function mountedIn(pid: number): string[] {
  const lines = (read(`/proc/${pid}/mountinfo`) ?? '').split('\n')
  return lines.map((line) => `${line.split(' ')[3]}/`)
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** The servers of one data folder now. */
export function serversIn(pgData: string): SeenPostgres[] {
  const folder = folderIdentity(pgData)
  return folder === undefined ? [] : (serversByFolder(seePostgres()).get(folder) ?? [])
}

function seeProcess(pid: number): SeenProcess | undefined {
  const stat = read(`/proc/${pid}/stat`)
  const status = read(`/proc/${pid}/status`)
  const [state, parent] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  if (stat === undefined || status === undefined || state === 'Z' || state === 'X') return undefined
  return {
    pid,
    parent: Number(parent),
    name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
    uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]),
    command: (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim(),
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
