import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { layout } from '../kernel/layout.ts'
import { isAlive, type ProcessIdentity, signalProcess } from './proc.ts'

const gentleMs = 5_000
const pollMs = 20

const recordSchema = z.object({
  processes: z.array(
    z.object({ name: z.string(), pid: z.number().nullable(), startTicks: z.number().nullable() }),
  ),
})

/**
 * Ends the processes that an earlier supervisor of this data folder recorded and that still run (it was killed, and the
 * kernel's signal to them has not been heeded yet); instances are not among them. Returns their names.
 */
export async function endLeftovers(dataDir: string): Promise<string[]> {
  const left = readRecorded(dataDir).filter(({ identity }) => isAlive(identity))
  for (const { name, identity } of left) signalProcess(identity, name === 'database' ? 'SIGINT' : 'SIGTERM')
  for (
    let waitedMs = 0;
    waitedMs < gentleMs && left.some(({ identity }) => isAlive(identity));
    waitedMs += pollMs
  )
    await delay(pollMs)
  for (const { identity } of left) signalProcess(identity, 'SIGKILL')
  return left.map(({ name }) => name)
}

function readRecorded(dataDir: string): { name: string; identity: ProcessIdentity }[] {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(layout.processes(dataDir), 'utf8'))
  } catch {
    return []
  }
  const parsed = recordSchema.safeParse(json)
  if (!parsed.success) return []
  return parsed.data.processes.flatMap(({ name, pid, startTicks }) =>
    pid === null || startTicks === null ? [] : [{ name, identity: { pid, startTicks } }],
  )
}
