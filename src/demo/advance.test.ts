import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type TestPostgres } from '../../test/support/postgres.ts'
import { silentLogger } from '../../test/support/silent-logger.ts'
import { oldestOutbox } from '../changes/store.ts'
import { realNow } from '../kernel/clock.ts'
import { type Database, openDatabase } from '../kernel/db.ts'
import { openWorldClock, type WorldClock } from '../kernel/demo-clock.ts'
import type { Due, Job } from '../kernel/jobs.ts'
import { advanceJob } from './advance.ts'
import { insertAdvance, lastAdvance } from './store.ts'

const HOUR_MS = 3_600_000
let postgres: TestPostgres
let [server, worker]: Database[] = []
let time: WorldClock
let other: WorldClock

before(async () => {
  postgres = await startPostgres()
  server = openDatabase(postgres.urlAs('borgen_server'))
  worker = openDatabase(postgres.urlAs('borgen_worker'))
  const open = (db: Database, role: 'borgen_worker' | 'borgen_prover') =>
    openWorldClock({ demo: true, db: db.db, url: postgres.urlAs(role), logger: silentLogger })
  time = await open(worker, 'borgen_worker')
  other = await open(server, 'borgen_prover')
})
after(async () => {
  await Promise.all([time.stop(), other.stop()])
  await Promise.all([server?.close(), worker?.close()])
  await postgres.stop()
})

/** Something that falls due every so often; it notes at which moment of the demo it was done. */
function everyHours(hours: number, name: string) {
  const begun = time.clock.now()
  const done: number[] = []
  const dueAt = () => begun + (done.length + 1) * hours * HOUR_MS
  return {
    done: () => done.map((at) => Math.floor((at - begun) / HOUR_MS)),
    job: {
      nextDue: async (): Promise<Due> => ({ at: dueAt(), what: name }),
      run: async () => void (time.clock.now() >= dueAt() && done.push(time.clock.now())),
    },
  }
}

async function advanceBy(
  hours: number,
  jobs: { nextDue: NonNullable<Job['nextDue']>; run(): Promise<void> }[],
) {
  const from = time.clock.now() - realNow(time.clock)
  const id = `chg_${hours}_${from}`
  await insertAdvance(server!.db, {
    id,
    from_offset_ms: from,
    to_offset_ms: from + hours * HOUR_MS,
    asked_at: realNow(time.clock),
    asked_by: 'person:x',
  })
  const job = advanceJob({
    db: worker!.db,
    clock: time.clock,
    logger: silentLogger,
    jobs: jobs.map(({ nextDue }) => ({ nextDue })),
    settled: async () => {
      for (const one of jobs) await one.run()
    },
  })
  await job.run()
  return (await lastAdvance(server!.db))!
}

test('every due item is done at its own moment, in order, and then the end is reached', async () => {
  const [days, nights] = [everyHours(24, 'a day'), everyHours(36, 'a night')]
  const before = time.clock.now()
  const row = await advanceBy(100, [days.job, nights.job])
  assert.deepEqual(
    [days.done(), nights.done()],
    [
      [24, 48, 72, 96],
      [36, 72],
    ],
  )
  assert.ok(time.clock.now() - before >= 100 * HOUR_MS)
  // Both fall due at hour 72, within a moment of each other.
  assert.ok(row.ended_at !== null && row.steps >= 5 && row.steps <= 6, `${row.steps} steps`)
  assert.match(row.item ?? '', /: a day$/)
  assert.equal(row.problem, null)
  const [entry] = await oldestOutbox(worker!.db, 10)
  assert.equal(entry?.type, 'demo.clock-advanced')
  const { at, realAt } = entry!.event as { at: string; realAt: string }
  assert.ok(Date.parse(at) - Date.parse(realAt) >= 100 * HOUR_MS, 'it says both clocks')
})

test('every process of the plane follows it', async () => {
  const deadline = performance.now() + 5_000
  const ahead = ({ clock }: WorldClock) => Math.round((clock.now() - realNow(clock)) / HOUR_MS)
  while (ahead(other) !== ahead(time) && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(ahead(other), 100)
})

test('what is due and cannot be done holds nothing up for ever: it is named', async () => {
  const begun = time.clock.now()
  const stuck = {
    nextDue: async () => ({ at: begun + HOUR_MS, what: 'an application that does not start' }),
    run: async () => {},
  }
  const row = await advanceBy(10, [stuck])
  assert.match(row.problem ?? '', /^an application that does not start: due .*, and not done yet\.$/)
  assert.ok(time.clock.now() - begun >= 10 * HOUR_MS)
})

test('it never goes back, whoever asks the database', async () => {
  const admin = openDatabase(postgres.url)
  await assert.rejects(admin.pool.query('update demo.clock set offset_ms = 0'), /cannot go back/)
  await admin.close()
})

test('a world that is no demo has the machine’s clock, whatever the table says', async () => {
  const real = await openWorldClock({
    demo: false,
    db: server!.db,
    url: postgres.urlAs('borgen_server'),
    logger: silentLogger,
  })
  assert.equal(real.clock.now() - realNow(real.clock), 0)
  assert.equal(real.clock.realNow, undefined)
  await real.stop()
})
