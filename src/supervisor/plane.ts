import {
  chmodSync,
  chownSync,
  copyFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import type { Uids } from '../kernel/boot.ts'
import { type Clock, isoOf, systemClock } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { layout } from '../kernel/layout.ts'
import { postgresIsReady } from './database.ts'
import type { Launch } from './launch.ts'
import type { PreparedWorld } from './prepare-world.ts'
import { identify } from './proc.ts'
import type { ProcessSpec } from './processes.ts'
import { type ProcessNews, SupervisedProcess } from './supervised-process.ts'

const logLimitBytes = 32 * 1024 * 1024
const logCheckMs = 60_000

type Given = {
  specs: readonly ProcessSpec[]
  dataDir: string
  uids: Uids
  launch: (spec: ProcessSpec) => Launch
  /** For programs that do not report ready themselves. */
  isReady: (name: string) => ((pid: number) => boolean) | undefined
  /** Where a person finds what a process wrote. */
  logOf: (name: string) => string
  /** What the machine cannot give, in words; shown by `borgen status`. */
  shortcomings: readonly string[]
  clock: Clock
  say: (line: string) => void
}

/** The processes of a prepared world, none started yet. */
export function planeOf(world: PreparedWorld): Plane {
  const { specs, home, dataDir, uids, launch, shortcomings, screen } = world
  const isReady = (name: string) =>
    name === 'database' ? (pid: number) => postgresIsReady(dataDir, pid) : undefined
  return new Plane({
    specs,
    dataDir,
    uids,
    launch,
    isReady,
    logOf: (name) => layout.log(home, name),
    shortcomings,
    clock: systemClock,
    say: screen.line,
  })
}

/** The plane's processes together: started as their needs allow, watched, recorded, stopped in the reverse order. */
export class Plane {
  private readonly given: Given
  private readonly members: ReadonlyMap<string, SupervisedProcess>
  private readonly startedMs: number
  private readonly failed = Promise.withResolvers<never>()
  private isUp = false
  private isStopping = false
  private readonly logTimer: NodeJS.Timeout

  constructor(given: Given) {
    this.given = given
    this.startedMs = given.clock.now()
    this.failed.promise.catch(() => {})
    this.members = new Map(given.specs.map((spec) => [spec.name, this.member(spec)]))
    this.logTimer = setInterval(() => this.cutLogs(), logCheckMs)
  }

  /** Starts all and resolves when all are ready; throws with the last lines of a process that keeps failing. */
  async start(): Promise<void> {
    const all = this.given.specs.map(async (spec) => {
      await Promise.all(spec.needs.map((name) => this.members.get(name)?.ready))
      if (this.isStopping) return
      const member = this.members.get(spec.name)
      member?.start()
      await member?.ready
    })
    await Promise.race([Promise.all(all), this.failed.promise])
    this.isUp = true
  }

  /** Stops all, last started first; instances too, which the warden stops. Returns when none is left. */
  async stop(): Promise<void> {
    this.isStopping = true
    clearInterval(this.logTimer)
    for (const member of [...this.members.values()].reverse()) await member.stop()
  }

  /** Kills every process except the warden, which alone can stop instances and has been told to. */
  killAllButWarden(): void {
    for (const member of this.members.values()) if (member.name !== 'warden') member.kill()
  }

  pidOf(name: string): number | undefined {
    return this.members.get(name)?.record.pid ?? undefined
  }

  killWarden(): void {
    this.members.get('warden')?.kill()
  }

  private member(spec: ProcessSpec): SupervisedProcess {
    const { dataDir, uids, launch, isReady, clock } = this.given
    const ready = isReady(spec.name)
    return new SupervisedProcess({
      name: spec.name,
      uid: uids[spec.user],
      once: spec.once === true,
      stop: spec.stop,
      leavesChildren: spec.privileged === true,
      launch: () => launch(spec),
      logFile: layout.log(dataDir, spec.name),
      ...(ready ? { isReady: ready } : {}),
      clock,
      tell: (name, news) => this.hear(name, news),
    })
  }

  private hear(name: string, news: ProcessNews): void {
    if (news.kind === 'changed') {
      this.record()
      return
    }
    if (this.isStopping) return
    if (news.kind === 'ended') {
      if (this.isUp) this.given.say(`${name} ended (${news.ended}); starting it again.`)
      return
    }
    if (news.kind === 'refuses') {
      if (!this.isUp) this.failed.reject(new AppError('conflict', news.because))
      return
    }
    const excerpt = news.lines.map((line) => `    ${line}`).join('\n')
    const sentence = `${name} failed ${news.failures} times within a minute (${news.ended}).`
    this.given.say(`${sentence} Its last lines:\n${excerpt}`)
    if (this.isUp) this.given.say('    It is tried again every few seconds.')
    else
      this.failed.reject(new AppError('unavailable', sentence, { remedy: `See ${this.given.logOf(name)}.` }))
  }

  private record(): void {
    const { dataDir, uids, clock, shortcomings } = this.given
    const records = [...(this.members?.values() ?? [])].map((member) => member.record)
    const supervisor = { ...identify(process.pid), since: isoOf(this.startedMs) }
    const file = layout.processes(dataDir)
    const text = JSON.stringify({ at: isoOf(clock.now()), supervisor, shortcomings, processes: records })
    // Worth nothing after a crash of the machine, so not synced; renamed, so that readers see it whole.
    writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 })
    if (uids.distinct) {
      chownSync(`${file}.new`, 0, uids.plane)
      chmodSync(`${file}.new`, 0o640) // by hand: the umask would keep the group out
    }
    renameSync(`${file}.new`, file)
  }

  /** Keeps each log and one before it; writers append, so that cutting it to nothing is safe. */
  private cutLogs(): void {
    for (const name of this.members.keys()) {
      const file = layout.log(this.given.dataDir, name)
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < logLimitBytes) continue
      copyFileSync(file, `${file}.1`)
      truncateSync(file)
    }
  }
}
