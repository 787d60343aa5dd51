import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { ObservedInstance } from '../contract/instance.ts'

const limit = z.object({ state: z.enum(['enforced', 'watched', 'absent']), reason: z.string() })
const fileSchema = z.object({
  instance: z.string(),
  state: z.enum(['asleep', 'starting', 'awake', 'failed']),
  bootId: z.string(),
  socket: z.string().optional(),
  processes: z.array(z.object({ role: z.enum(['app', 'database']), pid: z.number(), startTime: z.number() })),
  limits: z.object({
    memory: limit,
    cpu: limit,
    processes: limit,
    disk: limit,
    seccomp: limit,
    uid: limit,
    network: limit,
  }),
  reason: z.string().optional(),
})

/**
 * What the warden published, compared with the kernel: an instance that stands there as awake while one of its
 * processes is gone (the warden may be dead too) is `failed`.
 */
export function parseObserved(text: string): ObservedInstance {
  const { bootId, socket, reason, ...seen } = fileSchema.parse(JSON.parse(text))
  const alive = seen.processes.filter(
    (one) => bootId === thisBoot() && startTimeOf(one.pid) === one.startTime,
  )
  const common = { instance: seen.instance, processes: alive, limits: seen.limits }
  if (seen.state === 'awake' && alive.length < seen.processes.length) {
    return { ...common, state: 'failed', reason: 'its processes are gone' }
  }
  return {
    ...common,
    state: seen.state,
    ...(socket === undefined ? {} : { socket }),
    ...(reason === undefined ? {} : { reason }),
  }
}

function thisBoot(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

function startTimeOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : Number(fields[19])
  } catch {
    return undefined
  }
}
