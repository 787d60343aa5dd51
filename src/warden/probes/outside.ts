import type { Ground } from '../ground.ts'
import { type Answer, type Attempt, answersIn, linesFor } from './attempts.ts'
import { type Planted, plant } from './planted.ts'
import { runProbe } from './run-perl.ts'

const powerHoldsMs = 600_000

/** What stands outside the sandboxes for the probes: planted at the first one, and again when it fell. */
export type Outside = {
  planted(): Promise<Planted>
  /** What root reaches of what only power does, by the attempts' names; says something of the kernel, not of an instance. */
  power(attempts: readonly Attempt[], signal: AbortSignal): Promise<ReadonlyMap<string, Answer>>
  close(): Promise<void>
}

export function createOutside(ground: Ground): Outside {
  let standing: Promise<Planted> | undefined
  let powers = { atMs: Number.NEGATIVE_INFINITY, answers: new Map<string, Answer>() }
  // One after the other: two that trace the same planted process would stand in each other's way.
  let turn: Promise<unknown> = Promise.resolve()

  async function tryPowers(wanted: readonly Attempt[], signal: AbortSignal) {
    const nowMs = performance.now()
    if (nowMs - powers.atMs < powerHoldsMs && wanted.every(({ name }) => powers.answers.has(name)))
      return powers.answers
    const said = answersIn(await runProbe(['power'], linesFor(wanted, 'control'), signal))
    const answers = wanted.flatMap(({ name }, at) => {
      const answer = said.get(at)
      return answer ? [[name, answer] as const] : []
    })
    powers = { atMs: nowMs, answers: new Map([...powers.answers, ...answers]) }
    return powers.answers
  }

  return {
    async planted() {
      const before = standing
      const stood = await before?.catch(() => undefined)
      if (stood?.stands()) return stood
      // Another probe may have begun to plant it meanwhile.
      if (standing === before) {
        powers.atMs = Number.NEGATIVE_INFINITY
        standing = plant(ground)
      }
      return standing ?? plant(ground)
    },
    async power(attempts, signal) {
      if (!ground.machine.root) return new Map()
      const mine = turn.then(() =>
        tryPowers(
          attempts.filter(({ as }) => as === 'power'),
          signal,
        ),
      )
      turn = mine.catch(() => {})
      return mine
    },
    async close() {
      const one = await standing?.catch(() => undefined)
      one?.close()
    },
  }
}
