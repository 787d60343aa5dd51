import { randomBytes } from 'node:crypto'
import { constants, existsSync, readlinkSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { systemClock } from '../../kernel/clock.ts'
import { layout } from '../../kernel/layout.ts'
import type { Ground } from '../ground.ts'
import type { ProbeKind } from './kind.ts'

const STREAMS = ['event', 'audit', 'error', 'administrator', 'operator'] as const
const FILE = 'app.out'
const NOTE = 'Planted by the proof that this stream reaches the log.'

/** `busy`: a line of its own is half written just now; `absent`: it has no log here. */
type Planting = { instance: string; state: 'planted' | 'busy' | 'absent'; at: number }

/**
 * Plants one line for each stream in the output of these instances, as if the application had written it: through its pipe
 * while it is awake, else at the end of the file, so that none is woken. Also looks, for each process of the plane, whether
 * what it writes as errors goes into a log of its own.
 */
export const streamsKind: ProbeKind<'streams'> = {
  limitMs: 20_000,
  async run({ ground }, { instances }, signal) {
    const planted: Planting[] = []
    for (const instance of instances) {
      signal.throwIfAborted()
      planted.push(await plantIn(ground, instance))
    }
    return { planted, processes: await processLogs(ground) }
  },
}

async function plantIn(ground: Ground, instance: string): Promise<Planting> {
  const folder = ground.places.instance(instance)
  const at = systemClock.now()
  const log = folder.logOf(FILE)
  if (!existsSync(log) || existsSync(folder.destroying)) return { instance, state: 'absent', at }
  if (!(await endsWithLine(log))) return { instance, state: 'busy', at }
  const nonce = randomBytes(8).toString('hex')
  const lines = STREAMS.map((stream) => `${JSON.stringify({ stream, canary: nonce, note: NOTE })}\n`).join('')
  // All of them together are shorter than what a pipe takes in one piece.
  const pipe = await open(folder.pipeOf(FILE), constants.O_WRONLY | constants.O_NONBLOCK).catch(
    () => undefined,
  )
  const file = pipe ?? (await open(log, constants.O_WRONLY | constants.O_APPEND))
  try {
    await file.write(lines)
  } catch {
    // The pipe is full: the application writes more than is carried away just now.
    return { instance, state: 'busy', at }
  } finally {
    await file.close()
  }
  return { instance, state: 'planted', at }
}

async function endsWithLine(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size === 0) return true
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer[0] === 10
  } finally {
    await file.close()
  }
}

/** The plane's processes as the supervisor lists them, and whether their standard error is their own log. */
async function processLogs({ boot }: Ground): Promise<{ name: string; isLogged: boolean }[]> {
  const text = await readFile(layout.processes(boot.dataDir), 'utf8').catch(() => '{"processes":[]}')
  const { processes } = JSON.parse(text) as { processes: { name: string; pid: number | null }[] }
  return processes.flatMap(({ name, pid }) => {
    if (pid === null) return []
    try {
      const target = readlinkSync(`/proc/${pid}/fd/2`)
      return [{ name, isLogged: target.endsWith(`/logs/${name}.log`) }]
    } catch {
      // Ended meanwhile, or not ours to look at.
      return []
    }
  })
}
