import { setTimeout as delay } from 'node:timers/promises'
import { isSuccess } from './client.ts'
import type { Asked } from './oracle/journal.ts'
import type { PlaneInstance } from './oracle/read-plane.ts'
import type { Random } from './random.ts'
import { kill, type Victim } from './victims.ts'
import type { WorldUnderFire } from './world-under-fire.ts'

/** A moment of a piece of work: a row that shows a step (or one beyond it), then so many milliseconds more. */
export type Moment = { step: string; afterMs: number }
export type Shot = { victim: Victim; moment: Moment }

/** What a round did, for the record. */
export type Hit = Shot & { met: number; foundAt: string }

type Reached = (row: PlaneInstance | undefined) => boolean
const order = ['registered', 'keyed', 'sealed', 'provisioned', 'removed', 'key-destroyed']
const atLeast =
  (step: string): Reached =>
  (row) =>
    row !== undefined && order.indexOf(row.step) >= order.indexOf(step)

/** The steps of each kind of work, in order: how the row tells that it has been reached. `sent` is before all of them. */
export const steps = {
  provision: {
    sent: () => true,
    registered: atLeast('registered'),
    keyed: atLeast('keyed'),
    sealed: atLeast('sealed'),
    starting: (row) => row?.observed === 'starting' || atLeast('provisioned')(row),
    provisioned: atLeast('provisioned'),
  },
  wake: {
    sent: () => true,
    wished: (row) => row?.desired === 'awake',
    starting: (row) => row?.desired === 'awake' && row.observed !== 'asleep',
    awake: (row) => row?.observed === 'awake',
  },
  destroy: {
    sent: () => true,
    wished: (row) => row?.desired === 'destroyed',
    stopping: (row) => row?.observed === 'stopping' || atLeast('removed')(row),
    removed: atLeast('removed'),
    'key-destroyed': atLeast('key-destroyed'),
  },
} satisfies Record<string, Record<string, Reached>>
export type Work = keyof typeof steps

const stepLimitMs = 20_000
const writesAtOnce = 4
const writeEveryMs = 30
const answerWithinMs = 200

/** One customer from sign-up to destruction, with a kill -9 in each of the three; throws when the world cannot be brought back. */
export class Customer {
  private readonly fire: WorldUnderFire
  private readonly random: Random
  readonly company: string
  private notes = 0
  private row: PlaneInstance | undefined

  constructor(fire: WorldUnderFire, random: Random, company: string) {
    this.fire = fire
    this.random = random
    this.company = company
  }

  async provision(shot: Shot): Promise<Hit> {
    const { client } = this.fire
    const asked: Asked = { kind: 'sign-up', key: this.random.key(), company: this.company }
    const sent = client.once(asked)
    const hit = await this.shoot('provision', shot)
    await sent
    await this.fire.recover()
    await client.untilAcknowledged(asked)
    await this.until((row) => row.observed === 'awake')
    await this.write()
    return hit
  }

  /** Woken by several at once: requests through the edge, and the API. */
  async wake(shot: Shot): Promise<Hit> {
    const { client } = this.fire
    const { id, host } = this.known()
    await client.untilAcknowledged({ kind: 'wish', key: this.random.key(), instance: id, verb: 'sleep' })
    await this.until((row) => row.observed === 'asleep')
    const writes = this.keepWriting(host)
    const asked: Asked = { kind: 'wish', key: this.random.key(), instance: id, verb: 'wake' }
    const sent = client.once(asked)
    const hit = await this.shoot('wake', shot)
    await Promise.all([sent, writes.end()])
    await this.fire.recover()
    await client.untilAcknowledged(asked)
    await this.until((row) => row.observed === 'awake')
    await this.write()
    return hit
  }

  async destroy(shot: Shot): Promise<Hit> {
    const { client } = this.fire
    const { id, host } = this.known()
    const asked: Asked = { kind: 'wish', key: this.random.key(), instance: id, verb: 'destroy' }
    const writes = this.keepWriting(host)
    const sent = client.once(asked, host)
    const hit = await this.shoot('destroy', shot)
    await Promise.all([sent, writes.end()])
    await this.fire.recover()
    await client.untilAcknowledged(asked, host)
    await this.until((row) => row.observed === 'destroyed')
    return hit
  }

  private async shoot(work: Work, { victim, moment }: Shot): Promise<Hit> {
    const steps_: Record<string, Reached> = steps[work]
    const reached = steps_[moment.step]
    if (!reached) throw new Error(`${work} has no step ${moment.step}`)
    const look = () => this.fire.window.instance(this.row?.id ?? this.company)
    const deadline = performance.now() + stepLimitMs
    let row = moment.step === 'sent' ? this.row : await look()
    while (!reached(row) && performance.now() < deadline) row = await look()
    if (moment.afterMs > 0) await delay(moment.afterMs)
    // What is not there yet (no server of the instance while it is copied) may be there a moment later.
    let met = kill(this.fire.running, victim, row?.id)
    for (let tries = 0; met === 0 && tries < 20; tries++) {
      await delay(15)
      row = (await look()) ?? row
      met = kill(this.fire.running, victim, row?.id)
    }
    if (victim === 'supervisor' || victim === 'everything') await this.fire.supervisorEnded()
    return { victim, moment, met, foundAt: row ? `${row.step}/${row.observed}` : 'nothing' }
  }

  /** Several writes at once, and another one every moment, so that a shot meets some on their way. */
  private keepWriting(host: string): { end(): Promise<void> } {
    const writes: Promise<unknown>[] = []
    const write = () => void writes.push(this.fire.client.once(this.newWrite(), host))
    for (let count = 0; count < writesAtOnce; count++) write()
    const timer = setInterval(write, writeEveryMs)
    return {
      async end() {
        clearInterval(timer)
        await Promise.all(writes)
      },
    }
  }

  private newWrite(): Asked {
    this.notes += 1
    return {
      answerAfterMs: this.random.below(answerWithinMs),
      kind: 'write',
      key: `${this.company}-${this.notes}-${this.random.key()}`,
      instance: this.known().id,
    }
  }

  /** A write that is acknowledged; those that were not stay as they are, each under a name of its own. */
  private async write(): Promise<void> {
    const deadline = performance.now() + 60_000
    while (!isSuccess(await this.fire.client.once(this.newWrite(), this.known().host))) {
      if (performance.now() > deadline) throw new Error(`${this.company} takes no writes`)
      await delay(50)
    }
  }

  private known(): PlaneInstance {
    if (!this.row) throw new Error(`${this.company} has no instance yet`)
    return this.row
  }

  private async until(holds: (row: PlaneInstance) => boolean): Promise<void> {
    const deadline = performance.now() + 60_000
    for (;;) {
      const row = await this.fire.window.instance(this.row?.id ?? this.company).catch(() => undefined)
      if (row) this.row = row
      if (row && holds(row)) return
      if (performance.now() > deadline) throw new Error(`${this.company} stays ${JSON.stringify(row)}`)
      await delay(10)
    }
  }
}
