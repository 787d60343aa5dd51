import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startPostgres } from '../../test/support/postgres.ts'
import { silentLogger } from '../../test/support/silent-logger.ts'
import { openDatabase } from './db.ts'
import { type Job, nudge, runJobs } from './jobs.ts'

const NEVER_MS = 3_600_000
const postgres = await startPostgres()
const { db, close } = openDatabase(postgres.url)
after(async () => {
  await close()
  await postgres.stop()
})

/** A job that stops in the middle of each run until the test lets it go on. */
function steppedJob(name: string, everyMs = NEVER_MS) {
  let running = 0
  let mostAtOnce = 0
  let begun = 0
  const gates: (() => void)[] = []
  const seen: (() => void)[] = []
  const job: Job = {
    name,
    everyMs,
    async run() {
      running += 1
      mostAtOnce = Math.max(mostAtOnce, running)
      const gate = Promise.withResolvers<void>()
      gates.push(gate.resolve)
      const watcher = seen.shift()
      if (watcher) watcher()
      else begun += 1
      await gate.promise
      running -= 1
      return undefined
    },
  }
  return {
    job,
    async started() {
      if (begun > 0) begun -= 1
      else await new Promise<void>((resolve) => seen.push(resolve))
    },
    letGo: () => gates.shift()!(),
    mostAtOnce: () => mostAtOnce,
    pending: () => begun,
  }
}

const run = (jobs: Job[], logger = silentLogger) => runJobs({ url: postgres.url, jobs, logger })

test('a job runs at the start, for what was missed, and at each nudge', async () => {
  const one = steppedJob('one')
  const jobs = run([one.job])
  await one.started()
  one.letGo()
  await nudge(db, 'one')
  await one.started()
  one.letGo()
  await jobs.stop()
})

test('a job never runs twice at once; nudges during a run make it run once more', async () => {
  const [one, other] = [steppedJob('two'), steppedJob('three')]
  const jobs = run([one.job, other.job])
  await Promise.all([one.started(), other.started()])
  for (let i = 0; i < 5; i++) await nudge(db, 'two')
  // signals arrive in order: when this one has, so have those
  other.letGo()
  await nudge(db, 'three')
  await other.started()
  assert.equal(one.pending(), 0)
  one.letGo()
  await one.started()
  one.letGo()
  other.letGo()
  await jobs.stop()
  assert.equal(one.mostAtOnce(), 1)
  assert.equal(one.pending(), 0)
})

test('a job that fails is reported, and runs again', async () => {
  const reported: unknown[] = []
  let runs = 0
  const third = Promise.withResolvers<void>()
  const job: Job = {
    name: 'four',
    everyMs: 5,
    async run() {
      runs += 1
      if (runs === 3) third.resolve()
      throw new Error('broken')
    },
  }
  const jobs = run([job], { ...silentLogger, error: (message) => void reported.push(message) })
  await third.promise
  await jobs.stop()
  assert.ok(reported.length >= 3)
})

test('stop waits for what runs and starts nothing more', async () => {
  const one = steppedJob('five', 5)
  const jobs = run([one.job])
  await one.started()
  await nudge(db, 'five')
  let stopped = false
  const stopping = jobs.stop().then(() => {
    stopped = true
  })
  await nudge(db, 'five')
  assert.equal(stopped, false)
  one.letGo()
  await stopping
  assert.equal(one.pending(), 0)
})
