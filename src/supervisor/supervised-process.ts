import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { REFUSES_TO_START } from '../kernel/boot.ts'
import { type Clock, isoOf } from '../kernel/clock.ts'
import type { Launch } from './launch.ts'
import { identify, isAlive, type ProcessIdentity, signalProcess } from './proc.ts'

const readyWithinMs = 60_000
const firstPauseMs = 100
const longestPauseMs = 10_000
const failureWindowMs = 60_000
const failuresToReport = 5
const shownLines = 12
const readyPollMs = 5

export type ProcessState = 'waiting' | 'starting' | 'ready' | 'pausing' | 'stopping' | 'stopped' | 'done'

/** One process as `borgen status` shows it. */
export type ProcessRecord = {
  name: string
  pid: number | null
  startTicks: number | null
  uid: number
  state: ProcessState
  restarts: number
  since: string
}

/** What a supervised process tells its supervisor; `lines` are the last ones it wrote. */
export type ProcessNews =
  | { kind: 'changed' }
  | { kind: 'ended'; ended: string; pauseMs: number }
  | { kind: 'refuses'; because: string }
  | { kind: 'failing'; ended: string; failures: number; lines: string[] }

type Given = {
  name: string
  uid: number
  once: boolean
  stop: { signal: NodeJS.Signals; graceMs: number }
  /** Whether what it started lives on when it dies (the warden's instances do). */
  leavesChildren: boolean
  launch: () => Launch
  logFile: string
  /** For programs that do not report ready themselves. */
  isReady?: (pid: number) => boolean
  clock: Clock
  tell: (name: string, news: ProcessNews) => void
}

/** Keeps one process running: starts it, waits until it is ready, starts it again with growing pauses, stops it. */
export class SupervisedProcess {
  readonly name: string
  private readonly given: Given
  private state: ProcessState = 'waiting'
  private identity: ProcessIdentity | undefined
  private exited: Promise<void> = Promise.resolve()
  private restarts = 0
  private sinceMs: number
  private failuresMs: number[] = []
  private readonly pause = new AbortController()
  private readonly readyOnce = Promise.withResolvers<void>()

  constructor(given: Given) {
    this.given = given
    this.name = given.name
    this.sinceMs = given.clock.now()
  }

  /** Resolves when the process was ready for the first time (or, for one that runs once, has ended well). */
  get ready(): Promise<void> {
    return this.readyOnce.promise
  }

  get record(): ProcessRecord {
    return {
      name: this.name,
      pid: this.identity?.pid ?? null,
      startTicks: this.identity?.startTicks ?? null,
      uid: this.given.uid,
      state: this.state,
      restarts: this.restarts,
      since: isoOf(this.sinceMs),
    }
  }

  /** Starts the process and keeps it running until `stop`. */
  start(): void {
    if (this.state !== 'waiting') return
    void this.run()
  }

  /** Stops it for good: its own signal, then SIGKILL after its time of grace; returns when nothing of it is left. */
  async stop(): Promise<void> {
    const quiet = this.state === 'waiting' || this.state === 'done' || this.state === 'stopped'
    this.pause.abort()
    if (quiet) return this.become('stopped')
    this.become('stopping')
    const { signal, graceMs } = this.given.stop
    if (this.identity) signalProcess(this.identity, signal)
    const late = AbortSignal.timeout(graceMs)
    const kill = () => this.kill()
    late.addEventListener('abort', kill)
    await this.exited
    late.removeEventListener('abort', kill)
    this.become('stopped')
  }

  /** Kills it at once, and with it what it started in its own session unless that lives on. */
  kill(): void {
    if (this.identity === undefined || !isAlive(this.identity)) return
    if (this.given.leavesChildren) signalProcess(this.identity, 'SIGKILL')
    else killGroup(this.identity.pid)
  }

  private async run(): Promise<void> {
    while (!this.pause.signal.aborted) {
      const startedMs = this.given.clock.now()
      const ended = await this.runOnce()
      if (this.pause.signal.aborted) return
      if (this.given.once && ended === 'exit 0') {
        this.become('done')
        this.readyOnce.resolve()
        return
      }
      await this.waitBeforeNext(ended, startedMs)
    }
  }

  /** One life of the process; returns how it ended. */
  private async runOnce(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.exited = promise
    try {
      return await this.live()
    } finally {
      this.identity = undefined
      resolve()
    }
  }

  private async live(): Promise<string> {
    const { command, args, env, boot } = this.given.launch()
    const log = openSync(this.given.logFile, 'a', 0o600)
    const child = spawn(command, args, {
      env,
      cwd: '/',
      // A session of its own: the terminal's Ctrl-C reaches the supervisor alone, which stops all in order.
      detached: true,
      stdio: ['ignore', 'pipe', log, boot === undefined ? 'ignore' : 'pipe'],
    })
    closeSync(log)
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`not started: ${error.message}`))
      child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit ${code}`))
    })
    if (child.pid === undefined) return ended
    this.identity = identify(child.pid)
    this.become('starting')
    const pipe = child.stdio[3] as Writable | null
    // A process that dies before it has read its document says so by its exit.
    pipe?.on('error', () => {})
    pipe?.end(JSON.stringify(boot))
    const overdue = setTimeout(() => this.kill(), readyWithinMs)
    this.watchReady(child, () => {
      clearTimeout(overdue)
      if (this.state !== 'starting' || this.given.once) return
      this.become('ready')
      this.readyOnce.resolve()
    })
    const how = await ended
    clearTimeout(overdue)
    if (!this.given.leavesChildren) killGroup(child.pid)
    return how
  }

  private watchReady(child: ChildProcess, onReady: () => void): void {
    const lines = createInterface({ input: child.stdout! })
    lines.on('line', (line) => {
      if (line === 'READY') onReady()
    })
    const { isReady } = this.given
    if (isReady === undefined) return
    const poll = setInterval(() => {
      const running = child.exitCode === null && child.signalCode === null
      const ready = running && isReady(child.pid!)
      if (!running || ready) clearInterval(poll)
      if (ready) onReady()
    }, readyPollMs)
  }

  private async waitBeforeNext(ended: string, startedMs: number): Promise<void> {
    const nowMs = this.given.clock.now()
    this.restarts += 1
    this.failuresMs = [...this.failuresMs.filter((ms) => nowMs - ms < failureWindowMs), nowMs]
    const steps = nowMs - startedMs > failureWindowMs ? 0 : this.failuresMs.length - 1
    const pauseMs = Math.min(firstPauseMs * 2 ** steps, longestPauseMs)
    this.become('pausing')
    this.given.tell(this.name, { kind: 'ended', ended, pauseMs })
    if (ended === `exit ${REFUSES_TO_START}`)
      this.given.tell(this.name, { kind: 'refuses', because: messageIn(lastLines(this.given.logFile, 1)) })
    if (this.failuresMs.length === failuresToReport) {
      const lines = lastLines(this.given.logFile, shownLines)
      this.given.tell(this.name, { kind: 'failing', ended, failures: failuresToReport, lines })
    }
    await delay(pauseMs, undefined, { signal: this.pause.signal }).catch(() => {})
  }

  private become(state: ProcessState): void {
    this.state = state
    this.sinceMs = this.given.clock.now()
    this.given.tell(this.name, { kind: 'changed' })
  }
}

/** What a line of a process's own log says; the line itself where it is of another form. */
function messageIn([line = '']: string[]): string {
  try {
    const { message } = JSON.parse(line) as { message?: unknown }
    return typeof message === 'string' ? message : line
  } catch {
    return line
  }
}

/** Kills every process of a session that was started detached; its leader may be gone already. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody left in it.
  }
}

/** The last lines of a file, at most 8 KiB of it. */
export function lastLines(file: string, count: number): string[] {
  try {
    const size = statSync(file).size
    const buffer = Buffer.alloc(Math.min(size, 8192))
    const descriptor = openSync(file, 'r')
    const read = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
    closeSync(descriptor)
    return buffer.subarray(0, read).toString('utf8').trimEnd().split('\n').slice(-count)
  } catch {
    return []
  }
}
