import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { type WorldConfig, worldConfigSchema } from '../../src/kernel/boot.ts'
import { layout } from '../../src/kernel/layout.ts'

const checkout = join(import.meta.dirname, '..', '..')
const patienceMs = 60_000

const recordSchema = z.object({
  supervisor: z.object({ pid: z.number() }),
  shortcomings: z.array(z.string()),
  processes: z.array(
    z.object({
      name: z.string(),
      pid: z.number().nullable(),
      uid: z.number(),
      state: z.string(),
      restarts: z.number(),
    }),
  ),
})
export type Record = z.infer<typeof recordSchema>

/** The last line that a start writes. */
export const fullyUp = /Ctrl-C stops everything/

/** A world run by the real `borgen up` in a private temporary folder. */
export type RunningWorld = {
  dataDir: string
  child: ChildProcess
  /** What it wrote to its terminal so far. */
  output(): string
  /** Resolves when the output matches; rejects, with the output, when the program ended first. */
  said(pattern: RegExp): Promise<void>
  record(): Record
  config(): WorldConfig
  pidOf(name: string): number
  /** Sends a signal to `borgen up` and resolves with its exit code (null when it was killed). */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** A private folder for a world's data, removed after the tests. */
export function worldFolder(uid?: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'borgen-world-'))
  if (uid !== undefined) chownSync(folder, uid, uid)
  return folder
}

/** Starts `borgen up` on free ports; `uid` makes it an ordinary user's (only root can ask for that). */
export function startWorld(
  dataDir: string,
  options: {
    args?: string[]
    uid?: number
    /** Another version's code. */
    code?: string
    /** More descriptors than the standard three; 1 and 2 must be pipes. */
    stdio?: StdioOptions
    /** A command that prepares something (mounts of its own) and becomes the one that follows it. */
    through?: string[]
  } = {},
): RunningWorld {
  const { code = checkout } = options
  const ports = existsSync(layout.config(dataDir)) ? [] : ['--https-port', '0', '--http-port', '0']
  const node = [process.execPath, join(code, 'bin', 'borgen.mjs')]
  const [program = '', ...up] = [
    ...(options.through ?? []),
    ...node,
    'up',
    '--data',
    dataDir,
    ...ports,
    ...(options.args ?? []),
  ]
  const { uid } = options
  const child = spawn(program, up, {
    stdio: options.stdio ?? ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr] as Readable[])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  const ended = once(child, 'close')
  const record = () => recordSchema.parse(JSON.parse(readFileSync(layout.processes(dataDir), 'utf8')))
  return {
    dataDir,
    child,
    output: () => output,
    said: (pattern) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const timer = setTimeout(() => reject(new Error(`not said: ${pattern}\n${output}`)), patienceMs)
      const look = () => {
        if (pattern.test(output)) resolve()
      }
      listeners.add(look)
      look()
      void ended.then(() => {
        look()
        reject(new Error(`ended without saying ${pattern}:\n${output}`))
      })
      return promise.finally(() => {
        clearTimeout(timer)
        listeners.delete(look)
      })
    },
    record,
    config: () => worldConfigSchema.parse(JSON.parse(readFileSync(layout.config(dataDir), 'utf8'))),
    pidOf: (name) => record().processes.find((one) => one.name === name)?.pid ?? 0,
    end: async (signal) => {
      child.kill(signal)
      await ended
      return child.exitCode
    },
  }
}

/** Resolves when the condition holds; rejects after a minute, or the time given, with what was waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = patienceMs,
): Promise<void> {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > withinMs) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Live processes that hold a world's data folder open, run in it, or were told its place. */
export function processesTouching(dataDir: string): number[] {
  return readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) && touches(name, dataDir) ? [Number(name)] : [],
  )
}

function touches(pid: string, dataDir: string): boolean {
  const quietly = (read: () => string) => {
    try {
      return read()
    } catch {
      return ''
    }
  }
  if (Number(pid) === process.pid) return false
  if (quietly(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).includes(dataDir)) return true
  // A process of the world's own mount namespace sees the folder as /run/borgen/data: its mounts tell where it lies.
  if (quietly(() => readlinkSync(`/proc/${pid}/ns/mnt`)) === readlinkSync('/proc/self/ns/mnt')) return false
  return quietly(() => readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).includes(`${dataDir} /`)
}

/** Removes a world's folder and the processes that a failed test left. */
export function clearWorld(dataDir: string): void {
  for (const pid of processesTouching(dataDir)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone meanwhile.
    }
  }
  rmSync(dataDir, { recursive: true, force: true })
}
