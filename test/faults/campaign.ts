import { Bystander } from './bystander.ts'
import type { Fault } from './oracle/facts.ts'
import type { Random } from './random.ts'
import { Customer, type Hit, type Shot, steps, type Work } from './rounds.ts'
import { planeVictims, type Victim, victims } from './victims.ts'
import type { WorldUnderFire } from './world-under-fire.ts'

// How long the stage after each step takes at most, about, on a busy machine.
const spreadMs: Record<Work, Record<string, number>> = {
  provision: { sent: 40, registered: 10, keyed: 10, sealed: 10, starting: 400, provisioned: 150 },
  wake: { sent: 40, wished: 60, starting: 400, awake: 150 },
  destroy: { sent: 30, wished: 20, stopping: 25, removed: 15, 'key-destroyed': 60 },
}

/** Shots for one kind of work: every victim that can be met, at steps in turn, each after a delay of its own. */
export function shotsFor(work: Work, rounds: number, random: Random): Shot[] {
  const names = Object.keys(steps[work])
  const before = new Set(['sent', 'registered', 'keyed', 'sealed', 'removed', 'key-destroyed'])
  const shots: Shot[] = []
  for (let at = 0; shots.length < rounds; at++) {
    const bag: Victim[] = random.shuffled(victims)
    for (const victim of bag) {
      const fitting = names.filter((step) => planeVictims.includes(victim) || !before.has(step))
      const step = fitting[(shots.length + at) % fitting.length] ?? 'sent'
      shots.push({ victim, moment: { step, afterMs: random.below(spreadMs[work][step] ?? 1) } })
    }
  }
  return shots.slice(0, rounds)
}

export type Report = {
  rounds: Record<Work, number>
  /** Rounds in which a victim of the kind was met, and processes killed in them. */
  kills: Partial<Record<Victim, { rounds: number; processes: number }>>
  missed: number
  steps: Record<string, number>
  faults: (Fault & { round: string })[]
  answers: Record<string, number>
  looks: number
  tookMs: number
}

/**
 * Laps of one customer each, from sign-up to destruction with a kill in each of the three, judged after every kill; a bystander
 * writes all the time. Each round is told to `say` when it is over. Stops at the first round that leaves a fault.
 */
export async function runCampaign(
  fire: WorldUnderFire,
  random: Random,
  shots: Record<Work, Shot[]>,
  say: (line: string) => void,
): Promise<Report> {
  const startedAt = performance.now()
  const bystander = new Bystander(fire, random)
  const report: Report = {
    rounds: { provision: 0, wake: 0, destroy: 0 },
    kills: {},
    missed: 0,
    steps: {},
    faults: [],
    answers: {},
    looks: 0,
    tookMs: 0,
  }
  const round = async (name: string, work: Work, shot: Shot, act: () => Promise<Hit>) => {
    const beganAt = performance.now()
    bystander.begin()
    const hit = await act()
      .catch((cause: unknown) => {
        throw new Error(`seed ${random.seed}, ${name}: ${JSON.stringify(shot)}: ${fire.running.output()}`, {
          cause,
        })
      })
      .finally(() => bystander.pause())
    const faults = await fire.settle()
    report.rounds[work] += 1
    const before = report.kills[shot.victim] ?? { rounds: 0, processes: 0 }
    report.kills[shot.victim] = {
      rounds: before.rounds + (hit.met > 0 ? 1 : 0),
      processes: before.processes + hit.met,
    }
    if (hit.met === 0) report.missed += 1
    const step = `${work} ${shot.moment.step}`
    report.steps[step] = (report.steps[step] ?? 0) + 1
    const seconds = ((performance.now() - beganAt) / 1000).toFixed(1)
    say(
      `${name}: ${shot.victim} ×${hit.met} at ${shot.moment.step} + ${shot.moment.afterMs} ms (${hit.foundAt}), ${seconds} s`,
    )
    report.faults.push(...faults.map((fault) => ({ ...fault, round: name })))
  }
  await bystander.settleIn()
  const laps = Math.max(shots.provision.length, shots.wake.length, shots.destroy.length)
  for (let lap = 0; lap < laps && report.faults.length === 0; lap++) {
    const customer = new Customer(fire, random, `Lap ${letters(lap)}`)
    for (const work of ['provision', 'wake', 'destroy'] as const) {
      const shot = shots[work][lap]
      if (shot && report.faults.length === 0)
        await round(`${work} ${lap + 1}`, work, shot, () => customer[work](shot))
    }
  }
  report.looks = fire.watch.looks()
  report.answers = Object.fromEntries(fire.client.answers)
  report.tookMs = Math.round(performance.now() - startedAt)
  return report
}

/** Names that make different host names. */
const letters = (number: number) => String.fromCharCode(97 + Math.floor(number / 26), 97 + (number % 26))
