import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { addRelease } from '../support/instances.ts'
import {
  clearWorld,
  fullyUp,
  type RunningWorld,
  startWorld,
  until,
  worldFolder,
} from '../support/running-world.ts'
import { runCli } from '../support/world-clients.ts'
import { type Client, createClient } from './client.ts'
import type { Facts, Fault } from './oracle/facts.ts'
import { type Journal, openJournal } from './oracle/journal.ts'
import { judge } from './oracle/judge.ts'
import { type PostgresWatch, watchPostgres } from './oracle/postgres-watch.ts'
import { type Kept, keepCheckpoint, readLog } from './oracle/read-log.ts'
import { readMachine } from './oracle/read-machine.ts'
import { PlaneWindow } from './oracle/read-plane.ts'

// quality.md: after faults, recovery and 60 s to settle.
const settleMs = 60_000
const instancesPerWorld = 100_000

const manifest = `name: tiny
version: 1.0.0
release: .
start: [node, server.mjs]
listen: { socket: SOCKET_PATH }
database: postgres
health: /health
limits: { memoryMiB: 256, cpus: 2, processes: 64, diskMiB: 512 }
`

/** A world run by the real `borgen up`, a client of it, and the oracle that stands outside both. */
export class WorldUnderFire {
  readonly dataDir: string
  readonly outside: string
  running: RunningWorld
  readonly journal: Journal
  readonly window: PlaneWindow
  readonly watch: PostgresWatch
  readonly client: Client
  private readonly worldId: string
  private readonly checkpoints: Kept[] = []

  private constructor(given: {
    dataDir: string
    outside: string
    running: RunningWorld
    watch: PostgresWatch
  }) {
    this.dataDir = given.dataDir
    this.outside = given.outside
    this.running = given.running
    this.watch = given.watch
    const { worldId, planeDomain, httpsPort } = given.running.config()
    this.worldId = worldId
    this.journal = openJournal(join(this.outside, 'journal'))
    this.window = new PlaneWindow(this.dataDir, worldId)
    this.client = createClient({ dataDir: this.dataDir, planeDomain, httpsPort }, this.journal)
  }

  static async begin(): Promise<WorldUnderFire> {
    const dataDir = worldFolder()
    const outside = mkdtempSync(join(tmpdir(), 'borgen-oracle-'))
    const watch = await watchPostgres(dataDir)
    const running = startWorld(dataDir)
    await running.said(fullyUp)
    const fire = new WorldUnderFire({ dataDir, outside, running, watch })
    await fire.addApp()
    return fire
  }

  /** Resolves when the program that was started, which is the supervisor, is no more. */
  async supervisorEnded(): Promise<void> {
    const { child } = this.running
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  /** Brings back whatever was killed: the supervisor by hand, as a person would, the others by the supervisor. */
  async recover(): Promise<void> {
    const { child } = this.running
    if (child.exitCode !== null || child.signalCode !== null) {
      this.running = startWorld(this.dataDir)
      await this.running.said(fullyUp)
    }
    await until('every process is ready', () =>
      this.running.record().processes.every(({ state }) => state === 'ready' || state === 'done'),
    )
  }

  /** Judges until nothing is wrong or the time to settle is over; returns what is wrong then. */
  async settle(): Promise<Fault[]> {
    const deadline = performance.now() + settleMs
    for (;;) {
      const resting = await this.window.isAtRest().catch(() => false)
      if (resting || performance.now() > deadline) {
        const faults = judge(await this.gather())
        if (faults.length === 0 || performance.now() > deadline) {
          this.keep()
          return faults
        }
        await delay(250)
      }
      await delay(10)
    }
  }

  /** Everything the oracle knows now. Applications that are awake are asked for what they hold; none is woken. */
  async gather(): Promise<Facts> {
    const log = await readLog(this.dataDir, this.worldId, this.checkpoints)
    const plane = await this.window.rows()
    const notes: Facts['notes'] = {}
    for (const { id, host, observed } of plane.instances)
      if (observed === 'awake') notes[id] = await this.client.notesOf(host)
    const uids = JSON.parse(readFileSync(join(this.dataDir, 'config.json'), 'utf8')).uids
    const machine = readMachine(this.dataDir, {
      worldId: this.worldId,
      instanceUids: uids.distinct
        ? [uids.instancesFrom, uids.instancesFrom + instancesPerWorld - 100]
        : undefined,
    })
    return { requests: this.journal.requests(), plane, log, machine, notes, overlaps: this.watch.overlaps }
  }

  async end(): Promise<void> {
    await this.window.close()
    const { child } = this.running
    if (child.exitCode === null && child.signalCode === null) await this.running.end('SIGINT')
    await this.watch.close()
    this.journal.close()
    clearWorld(this.dataDir)
    rmSync(this.outside, { recursive: true, force: true })
  }

  /** Keeps the newest checkpoint, and every so often forgets one in the middle, so that checking stays quick. */
  private keep(): void {
    const kept = keepCheckpoint(this.dataDir, `checkpoint ${this.checkpoints.length}`)
    if (kept) this.checkpoints.push(kept)
    if (this.checkpoints.length > 40) this.checkpoints.splice(20, 1)
  }

  private async addApp(): Promise<void> {
    const folder = join(this.outside, 'app')
    mkdirSync(join(this.outside, 'releases'))
    const sha256 = await addRelease(this.outside, 'tiny')
    cpSync(join(this.outside, 'releases', sha256), folder, { recursive: true })
    chmodSync(folder, 0o755)
    writeFileSync(join(folder, 'borgen.app.yaml'), manifest)
    const added = await runCli(this.dataDir, ['app', 'add', join(folder, 'borgen.app.yaml')])
    if (added.code !== 0) throw new Error(`the app was not added: ${added.stderr}`)
  }
}
