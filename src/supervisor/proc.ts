import { readdirSync, readFileSync } from 'node:fs'

/** A process as the kernel names it for good: the id may be given again, the id with the start time may not. */
export type ProcessIdentity = { pid: number; startTicks: number }

/** The identity of a live process; undefined when there is none or only its exit status is left. */
export function identify(pid: number): ProcessIdentity | undefined {
  const fields = readStat(pid)
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined
  return { pid, startTicks: Number(fields[19]) }
}

/** Whether this very process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTicks === identity.startTicks
}

/** Sends a signal to this very process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false
  try {
    return process.kill(identity.pid, signal)
  } catch {
    return false
  }
}

/** Every live process below `pid`, children before grandchildren. */
export function descendantsOf(pid: number): ProcessIdentity[] {
  const children = new Map<number, ProcessIdentity[]>()
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? readStat(Number(name)) : undefined
    if (fields === undefined) continue
    const siblings = children.get(Number(fields[1])) ?? []
    children.set(Number(fields[1]), [...siblings, { pid: Number(name), startTicks: Number(fields[19]) }])
  }
  const found: ProcessIdentity[] = []
  for (let next = children.get(pid) ?? []; next.length > 0; ) {
    found.push(...next)
    next = next.flatMap((child) => children.get(child.pid) ?? [])
  }
  return found
}

/** Every live process whose user is one of these. */
export function processesOf(fromUid: number, count: number): ProcessIdentity[] {
  return readdirSync('/proc').flatMap((name) => {
    const identity = /^\d+$/.test(name) ? identify(Number(name)) : undefined
    if (identity === undefined) return []
    try {
      const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1])
      return uid >= fromUid && uid < fromUid + count ? [identity] : []
    } catch {
      return []
    }
  })
}

/** The fields of /proc/<pid>/stat after the command's name, which may itself hold spaces: state, parent, … */
function readStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
