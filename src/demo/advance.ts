import { setTimeout as delay } from 'node:timers/promises'
import { recordInTransaction } from '../changes/outbox.ts'
import { announce } from '../kernel/announce.ts'
import { type Clock, isoOf, realNow, stampOf } from '../kernel/clock.ts'
import type { Db } from '../kernel/db.ts'
import { advanceClock } from '../kernel/demo-clock.ts'
import { type Due, earliestDue, type Job } from '../kernel/jobs.ts'
import type { Logger } from '../kernel/log.ts'
import { type AdvanceRow, noteAdvance, openAdvance } from './store.ts'

/** What is due and does not get done (an application that will not start) holds the clock up for so many tries. */
const TRIES = 25
const PAUSE_MS = 200
/** More due items than this in one advance are a mistake in a schedule; it stops there and says so. */
const STEPS_AT_MOST = 5_000

export type AdvanceWorld = {
  db: Db
  /** The demo's, which this job sets ahead. */
  clock: Clock
  logger: Logger
  /** Whatever may fall due. */
  jobs: readonly Pick<Job, 'nextDue'>[]
  /** Runs every job now, and resolves when what they began is done. */
  settled(): Promise<void>
}

/**
 * Advances the demo's clock as somebody asked: from one due item to the next, each carried out at its own moment, then to the
 * end. A worker that dies in between goes on where it was.
 */
export function advanceJob(world: AdvanceWorld): Job {
  return {
    name: 'demo-clock',
    everyMs: 1_000,
    async run() {
      const row = await openAdvance(world.db)
      if (!row) return undefined
      try {
        const { steps, problem } = await advance(world, row)
        await end(world, row, steps, problem)
        return { steps }
      } catch (error) {
        world.logger.error('the clock could not be advanced', { error })
        throw error
      }
    },
  }
}

async function advance(
  world: AdvanceWorld,
  row: AdvanceRow,
): Promise<{ steps: number; problem: string | null }> {
  const { clock } = world
  const target = () => realNow(clock) + row.to_offset_ms
  let steps = row.steps
  let problem: string | null = null
  await world.settled()
  for (;;) {
    const overdue = await untilNothingIsOverdue(world)
    if (overdue) problem = `${overdue.what}: due ${isoOf(overdue.at)}, and not done yet.`
    const next = await earliestDue(world.jobs, clock.now())
    // What is stuck hides what comes after it; the rest is then done at the end, as after any pause of the worker.
    if (!next || next.at <= clock.now() || next.at >= target()) break
    if (steps >= STEPS_AT_MOST) {
      problem = `More than ${STEPS_AT_MOST} items fell due; the rest was done at the end.`
      break
    }
    await setAhead(world, next.at - realNow(clock))
    await world.settled()
    steps += 1
    await noteAdvance(world.db, row.id, { steps, item: `${isoOf(next.at)}: ${next.what}` })
    await announce(world.db, { what: 'demo' })
  }
  await setAhead(world, row.to_offset_ms)
  await world.settled()
  return { steps, problem }
}

async function untilNothingIsOverdue({ jobs, clock, settled }: AdvanceWorld): Promise<Due | undefined> {
  for (let tries = 0; ; tries++) {
    const due = await earliestDue(jobs, clock.now())
    if (!due || due.at > clock.now()) return undefined
    if (tries >= TRIES) return due
    await delay(PAUSE_MS)
    await settled()
  }
}

/** Resolves when this process's own clock has come so far. */
async function setAhead({ db, clock }: AdvanceWorld, offsetMs: number): Promise<void> {
  await advanceClock(db, offsetMs)
  while (clock.now() - realNow(clock) < offsetMs) await delay(5)
}

async function end(
  { db, clock }: AdvanceWorld,
  row: AdvanceRow,
  steps: number,
  problem: string | null,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await noteAdvance(tx, row.id, { ended_at: realNow(clock), problem })
    await announce(tx, { what: 'demo' })
    const event = { advance: row.id, steps, problem, aheadMs: row.to_offset_ms, ...stampOf(clock) }
    await recordInTransaction(
      tx,
      [
        {
          key: `${row.id}:ended`,
          stream: 'audit',
          subject: 'plane',
          region: 'plane',
          type: 'demo.clock-advanced',
          event,
        },
      ],
      realNow(clock),
    )
  })
}
