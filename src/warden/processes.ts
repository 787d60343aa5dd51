import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** A process named so that a reused pid cannot be taken for it (within one boot). */
export type ProcessIdentity = { pid: number; startTime: number }

export type ProcessStat = ProcessIdentity & { parent: number; state: string }

/** `/proc/<pid>/stat` as numbers; undefined when it is not one. The name in it is chosen by the process itself. */
export function parseStat(line: string): ProcessStat | undefined {
  const close = line.lastIndexOf(')')
  const pid = Number.parseInt(line, 10)
  const fields = line.slice(close + 2).split(' ')
  const [state, parent, startTime] = [fields[0], Number(fields[1]), Number(fields[19])]
  if (close < 0 || !state || !Number.isInteger(pid) || !Number.isInteger(startTime)) return undefined
  return { pid, startTime, parent, state }
}

/** The process now behind this pid; undefined when there is none, or only its remains that nobody has reaped yet. */
export function processOf(pid: number): ProcessStat | undefined {
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return stat && stat.state !== 'Z' && stat.state !== 'X' ? stat : undefined
  } catch {
    return undefined
  }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return processOf(identity.pid)?.startTime === identity.startTime
}

/** Direct children, oldest first. */
export function childrenOf(pid: number): ProcessStat[] {
  return childPids(pid)
    .map(processOf)
    .filter((stat) => stat !== undefined)
    .sort((a, b) => a.startTime - b.startTime || a.pid - b.pid)
}

function childPids(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.split(' ').filter(Boolean).map(Number)
  } catch {
    // Kernels without CONFIG_PROC_CHILDREN.
    return allPids().filter((other) => processOf(other)?.parent === pid)
  }
}

/** This process and all that descend from it. */
export function treeOf(pid: number): number[] {
  const found = [pid]
  for (let at = 0; at < found.length; at++) found.push(...childPids(found[at]!))
  return found
}

export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** Every process whose real or effective user is this one. */
export function processesOfUid(uid: number): ProcessIdentity[] {
  return allPids()
    .filter((pid) => uidsOf(pid).includes(uid))
    .map(processOf)
    .filter((stat) => stat !== undefined)
}

function uidsOf(pid: number): number[] {
  try {
    const line = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return line?.[1]?.split('\t').map(Number) ?? []
  } catch {
    return []
  }
}

/** Every process that was started with this variable in its environment. */
export function processesMarked(variable: string): ProcessIdentity[] {
  return allPids()
    .filter((pid) => environmentOf(pid).includes(variable))
    .map(processOf)
    .filter((stat) => stat !== undefined)
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

/** Signals a process unless its pid has become another's. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return
  try {
    process.kill(identity.pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Resolves with those that still live when all have ended or the time is over. */
export async function waitUntilGone(
  identities: ProcessIdentity[],
  limitMs: number,
): Promise<ProcessIdentity[]> {
  const deadline = performance.now() + limitMs
  let alive = identities.filter(isAlive)
  for (
    let pauseMs = 1;
    alive.length > 0 && performance.now() < deadline;
    pauseMs = Math.min(20, pauseMs * 1.5)
  ) {
    await delay(pauseMs)
    alive = alive.filter(isAlive)
  }
  return alive
}

/** Changes at every boot, so that a recorded pid and start time cannot mean a process of another boot. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}
