import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { startPlane, type TestPlane } from '../../../test/support/plane.ts'
import { type AppendToLog, relayOutbox } from '../../changes/outbox.ts'
import { createLocalOutput } from '../../drivers/instances/local/local-output.ts'
import { type Database, openDatabase } from '../../kernel/db.ts'
import { AppError } from '../../kernel/errors.ts'
import { layout } from '../../kernel/layout.ts'
import { outputJob } from './jobs.ts'
import { countWaiting } from './store.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'boutput-'))
let plane: TestPlane
let worker: Database
let owner: Record<string, string>
const logged: { message: string; instance: unknown }[] = []
const note = (message: string, fields: Record<string, unknown> = {}) =>
  void logged.push({ message, instance: fields.instance })

before(async () => {
  plane = await startPlane()
  worker = openDatabase(plane.postgres.urlAs('borgen_worker'))
  await plane.addRelease()
  owner = await plane.tokenOf('owner')
})
after(async () => {
  await worker.close()
  await plane.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

let signUps = 0
/** An instance in the register with a folder for its output. */
async function makeInstance(): Promise<string> {
  signUps += 1
  const answer = await plane.app.inject({
    method: 'POST',
    url: '/v1/accounts',
    headers: { ...owner, 'idempotency-key': `output-test-${signUps}` },
    payload: {
      company: `Output ${signUps}`,
      email: 'ann@acme.test',
      country: 'SE',
      region: 'eu-frankfurt',
      plan: 'trial',
      app: 'crm',
      start: 'now',
    },
  })
  assert.equal(answer.statusCode, 201, answer.body)
  const { id } = z.object({ instance: z.object({ id: z.string() }) }).parse(answer.json()).instance
  const observed = join(layout.run(dataDir, 'warden'), 'observed')
  mkdirSync(observed, { recursive: true })
  writeFileSync(join(observed, `${id}.json`), '{}')
  mkdirSync(join(layout.instance(dataDir, id), 'log'), { recursive: true })
  return id
}
const outOf = (id: string) => join(layout.instance(dataDir, id), 'log', 'app.out')
const write = (id: string, text: string) => appendFileSync(outOf(id), text)
const jobWith = (append: AppendToLog = (entries) => plane.log.client.append(entries)) =>
  outputJob({
    db: worker.db,
    clock: plane.clock,
    logger: { info: note, warn: note, error: note },
    output: createLocalOutput({ dataDir }),
    append,
  })
const eventsOf = async (id: string) =>
  (await plane.log.client.read({ subject: id, limit: 1000 })).entries
    .filter((entry) => /output/.test(entry.type))
    .map((entry) => entry.event!)
const textsOf = async (id: string) => (await eventsOf(id)).map((event) => event.text)

test('lines that the log once refused stop nobody, and come into the log', async () => {
  const [hostile, innocent] = [await makeInstance(), await makeInstance()]
  write(hostile, `before\n${'\u0001'.repeat(12_000)}\n{"a":[${Array(3_200).fill('1e20').join()}]}\nafter\n`)
  write(innocent, 'hello\n')
  await jobWith().run()
  const texts = await textsOf(hostile)
  assert.deepEqual([texts.length, texts[0], texts[3]], [4, 'before', 'after'])
  assert.deepEqual(await textsOf(innocent), ['hello'])
})

test('more lines at once than one append may have come into the log, each once', async () => {
  const many = await makeInstance()
  write(many, 'a\n'.repeat(11_000))
  const entries: string[] = []
  await jobWith(async (batch) => {
    assert.ok(batch.length <= 10_000)
    entries.push(...batch.map((entry) => entry.key))
    await plane.log.client.append(batch)
  }).run()
  assert.deepEqual([entries.length, new Set(entries).size], [11_000, 11_000])
})

test('a line that is refused in spite of all is replaced by an entry that says so', async () => {
  const [one, other] = [await makeInstance(), await makeInstance()]
  write(one, 'first\nsecond\npoison\nfourth\n')
  write(other, 'hello\n')
  const job = jobWith(async (entries) => {
    if (entries.some((entry) => entry.event.text === 'poison'))
      throw new AppError('bad_request', 'The log takes no poison.')
    await plane.log.client.append(entries)
  })
  await job.run()
  assert.deepEqual(await textsOf(one), ['first', 'second', undefined, 'fourth'])
  assert.deepEqual((await eventsOf(one))[2], {
    because: 'The log takes no poison.',
    file: 'app.out',
    instance: one,
  })
  assert.deepEqual(await textsOf(other), ['hello'])
  assert.equal(await job.run(), undefined)
})

test('an instance of which the log takes nothing is named, waits longer each time, and goes on where it was', async () => {
  const [failing, others] = [await makeInstance(), [await makeInstance(), await makeInstance()]]
  for (const id of [failing, ...others]) write(id, 'hello\n')
  let broken = true
  let asked = 0
  const job = jobWith(async (entries) => {
    if (broken && entries[0]?.subject === failing) {
      asked += 1
      throw new AppError('gone', 'Its key was destroyed.')
    }
    await plane.log.client.append(entries)
  })
  logged.length = 0
  for (let seconds = 0; seconds < 100; seconds++) {
    await job.run()
    assert.equal(await countWaiting(plane.server.db), seconds < 60 ? 0 : 1, `after ${seconds} s`)
    plane.clock.advance(1_000)
  }
  for (const id of others) assert.deepEqual(await textsOf(id), ['hello'])
  assert.ok(asked > 3 && asked < 10, `${asked}`)
  assert.deepEqual(logged, [{ message: 'output of an instance waits', instance: failing }])
  await relayOutbox({ db: worker.db, append: (entries) => plane.log.client.append(entries) })
  const { entries } = await plane.log.client.read({ type: 'output.delayed' })
  assert.deepEqual(
    entries.map(({ stream, event }) => [stream, event?.instance, event?.because]),
    [['error', failing, 'Its key was destroyed.']],
  )
  broken = false
  plane.clock.advance(61_000)
  write(failing, 'again\n')
  await job.run()
  assert.deepEqual(await textsOf(failing), ['hello', 'again'])
  assert.equal(await countWaiting(plane.server.db), 0)
})

test('what waited of an instance that is gone is shown no longer', async () => {
  const gone = await makeInstance()
  write(gone, 'hello\n')
  const job = jobWith(() => Promise.reject(new AppError('gone', 'Its key was destroyed.')))
  await job.run()
  plane.clock.advance(61_000)
  await job.run()
  assert.equal(await countWaiting(plane.server.db), 1)
  rmSync(join(layout.run(dataDir, 'warden'), 'observed', `${gone}.json`))
  await job.run()
  assert.equal(await countWaiting(plane.server.db), 0)
})

test('while the log is down nobody is asked for long, and all of it comes afterwards', async () => {
  const ids = [await makeInstance(), await makeInstance(), await makeInstance(), await makeInstance()]
  for (const id of ids) write(id, 'hello\n')
  let asked = 0
  const job = jobWith((entries) => {
    asked += 1
    return plane.log.client.append(entries)
  })
  await plane.log.down()
  await job.run()
  assert.equal(asked, 3)
  await plane.log.up()
  plane.clock.advance(2_000)
  await job.run()
  for (const id of ids) assert.deepEqual(await textsOf(id), ['hello'])
})

test('a file that its instance cuts and makes long again, without content, harms nobody', async () => {
  const [hostile, innocent] = [await makeInstance(), await makeInstance()]
  const job = jobWith()
  write(hostile, 'before\n')
  await job.run()
  truncateSync(outOf(hostile), 0)
  truncateSync(outOf(hostile), 64 * 1024 * 1024)
  write(hostile, 'after\n')
  write(innocent, 'hello\n')
  for (let runs = 0; runs < 20; runs++) await job.run()
  assert.deepEqual(await textsOf(innocent), ['hello'])
  const events = await eventsOf(hostile)
  assert.deepEqual([events[0]?.text, events.at(-1)?.text], ['before', 'after'])
  const nulBytes = events.reduce((sum, event) => sum + Number(event.nulBytes ?? 0), 0)
  assert.equal(nulBytes, 64 * 1024 * 1024 - 'before\n'.length)
  assert.ok(JSON.stringify(events).length < 200_000)
})
