import { setTimeout as delay } from 'node:timers/promises'
import type { PlaneInstance } from './oracle/read-plane.ts'
import type { Random } from './random.ts'
import type { WorldUnderFire } from './world-under-fire.ts'

const pauseMs = 20

/** A customer whom no shot is meant for, and who writes through the edge all the time while others are shot at. */
export class Bystander {
  private readonly fire: WorldUnderFire
  private readonly random: Random
  private row: PlaneInstance | undefined
  private writing: Promise<void> | undefined
  private stopped = false
  private count = 0

  constructor(fire: WorldUnderFire, random: Random) {
    this.fire = fire
    this.random = random
  }

  /** Signs up; nothing is written yet. */
  async settleIn(): Promise<void> {
    const company = 'Bystander'
    await this.fire.client.untilAcknowledged({ kind: 'sign-up', key: this.random.key(), company })
    while (this.row?.observed !== 'awake') {
      this.row = await this.fire.window.instance(company)
      await delay(pauseMs)
    }
  }

  begin(): void {
    this.stopped = false
    this.writing = this.write()
  }

  /** Resolves when the last write has been answered, or given up. */
  async pause(): Promise<void> {
    this.stopped = true
    await this.writing
  }

  private async write(): Promise<void> {
    const { id: instance = '', host = '' } = this.row ?? {}
    while (!this.stopped) {
      this.count += 1
      const key = `bystander-${this.count}-${this.random.key()}`
      await this.fire.client.once(
        { kind: 'write', key, instance, answerAfterMs: this.random.below(60) },
        host,
      )
      await delay(pauseMs)
    }
  }
}
