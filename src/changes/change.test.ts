import assert from 'node:assert/strict'
import { after, beforeEach, describe, test } from 'node:test'
import fc from 'fast-check'
import { startTestLog } from '../../test/support/log.ts'
import { startPostgres } from '../../test/support/postgres.ts'
import { silentLogger } from '../../test/support/silent-logger.ts'
import { createTestClock } from '../../test/support/test-clock.ts'
import type { Actor } from '../access/actor.ts'
import { type Db, openDatabase } from '../kernel/db.ts'
import { AppError, isAppError } from '../kernel/errors.ts'
import { type ChangeContext, type ChangeOutcome, type ChangeRequest, change } from './change.ts'
import { type AppendToLog, relayOutbox, sweepAbandoned } from './outbox.ts'

const [postgres, log] = await Promise.all([startPostgres(), startTestLog()])
const [server, admin] = [openDatabase(postgres.urlAs('borgen_server')), openDatabase(postgres.url)]
const clock = createTestClock()
await admin.pool.query(
  'create schema probe; create table probe.effects (what text); grant all on schema probe to public; grant all on probe.effects to public',
)
after(async () => {
  await Promise.all([server.close(), admin.close()])
  await Promise.all([postgres.stop(), log.stop()])
})

const append: AppendToLog = (entries) => log.client.append(entries)
const contextWith = (more: Partial<ChangeContext> = {}): ChangeContext => ({
  db: server.db,
  append,
  clock,
  logger: silentLogger,
  ...more,
})
const owner: Actor = { kind: 'person', id: 'per_a', role: 'owner', behind: [] }
const asked = (more: Partial<ChangeRequest> = {}): ChangeRequest => ({
  action: 'app.add',
  actor: owner,
  resource: { type: 'App', id: 'app' },
  input: { what: 'one' },
  idempotencyKey: undefined,
  subject: 'plane',
  region: 'plane',
  ...more,
})
type Shown = { what: string; secret: string | null }
const insert = (tx: Db, what: string) => tx.insertInto('probe.effects').values({ what }).execute()
const effectOf =
  (what: string) =>
  async (tx: Db): Promise<ChangeOutcome<Shown>> => {
    await insert(tx, what)
    return {
      status: 201,
      body: { what, secret: 'shown once' },
      replay: { what, secret: null },
      type: 'app.added',
      event: { what },
    }
  }
const effects = async () =>
  (await admin.pool.query('select what from probe.effects order by 1')).rows.map((row) => row.what as string)
const states = async () =>
  (await admin.pool.query('select state from changes.changes order by created_at, id')).rows.map(
    (row) => row.state as string,
  )
const outbox = async () => (await admin.pool.query('select key from changes.outbox')).rows.length

let seen = 0
const newEntries = async () =>
  (await log.entries()).slice(seen).map(({ type, event }) => ({
    type,
    ...(event as { change: string; phase: string; result?: string; code?: string }),
  }))
beforeEach(async () => {
  await log.client.health().catch(() => log.up())
  await admin.pool.query('truncate probe.effects, changes.changes, changes.outbox')
  seen = (await log.entries()).length
})

describe('one change', () => {
  test('has its intent in the log before its effect, and its outcome after', async () => {
    const phases: string[] = []
    const answer = await change(contextWith(), asked(), async (tx) => {
      phases.push(...(await newEntries()).map((one) => one.phase))
      return effectOf('one')(tx)
    })
    assert.deepEqual(answer, { status: 201, body: { what: 'one', secret: 'shown once' }, replayed: false })
    assert.deepEqual(phases, ['intent'])
    const entries = await newEntries()
    assert.deepEqual(
      entries.map((one) => one.type),
      ['app.add.intended', 'app.added'],
    )
    assert.equal(entries[0]!.change, entries[1]!.change)
    assert.deepEqual([await effects(), await states(), await outbox()], [['one'], ['done'], 0])
  })

  test('that is not permitted leaves no trace anywhere', async () => {
    const auditor: Actor = { kind: 'person', id: 'per_b', role: 'auditor', behind: [] }
    await assert.rejects(change(contextWith(), asked({ actor: auditor }), effectOf('one')), (error) =>
      isAppError(error, 'forbidden'),
    )
    assert.deepEqual([await effects(), await states(), await newEntries()], [[], [], []])
  })

  test('whose effect refuses is rolled back, logged as refused, and may be sent again under its key', async () => {
    const refuse = async (tx: Db) => {
      await insert(tx, 'half')
      throw new AppError('conflict', 'Not now.')
    }
    await assert.rejects(change(contextWith(), asked({ idempotencyKey: 'k' }), refuse), (error) =>
      isAppError(error, 'conflict'),
    )
    assert.deepEqual(await effects(), [])
    assert.deepEqual(
      (await newEntries()).map((one) => [one.phase, one.result, one.code]),
      [
        ['intent', undefined, undefined],
        ['outcome', 'refused', 'conflict'],
      ],
    )
    assert.equal(
      (await change(contextWith(), asked({ idempotencyKey: 'k' }), effectOf('one'))).replayed,
      false,
    )
    assert.deepEqual(await effects(), ['one'])
  })
})

describe('when the log cannot be written', () => {
  test('a change is refused with the remedy, and nothing has happened', async () => {
    await log.down()
    await assert.rejects(
      change(contextWith(), asked({ idempotencyKey: 'k' }), effectOf('one')),
      (error) => isAppError(error, 'log_unavailable') && error.remedy !== undefined,
    )
    assert.deepEqual([await effects(), await states()], [[], ['refused']])
    await log.up()
    assert.equal((await change(contextWith(), asked({ idempotencyKey: 'k' }), effectOf('one'))).status, 201)
    assert.deepEqual(await effects(), ['one'])
  })

  test('an intent that got there unheard is given its outcome later', async () => {
    const unheard: AppendToLog = async (entries) => {
      await append(entries)
      throw new AppError('log_unavailable', 'timed out')
    }
    await assert.rejects(change(contextWith({ append: unheard }), asked(), effectOf('one')))
    await relayOutbox({ db: server.db, append })
    assert.deepEqual(
      (await newEntries()).map((one) => [one.phase, one.result]),
      [
        ['intent', undefined],
        ['outcome', 'refused'],
      ],
    )
    assert.deepEqual(await effects(), [])
  })

  test('an outcome waits, and is relayed once however often it is tried', async () => {
    let calls = 0
    const onlyIntent: AppendToLog = (entries) =>
      calls++ === 0 ? append(entries) : Promise.reject(new Error('gone'))
    assert.equal((await change(contextWith({ append: onlyIntent }), asked(), effectOf('one'))).status, 201)
    assert.equal(await outbox(), 1)
    // appended, and killed before the row was removed
    const { rows } = await admin.pool.query(
      'select key, stream, subject, region, type, event from changes.outbox',
    )
    await append(rows)
    assert.deepEqual(await relayOutbox({ db: server.db, append }), { relayed: 1 })
    assert.deepEqual(await relayOutbox({ db: server.db, append }), { relayed: 0 })
    assert.deepEqual(
      (await newEntries()).map((one) => one.phase),
      ['intent', 'outcome'],
    )
  })
})

describe('a repeated idempotency key', () => {
  test('has one effect and gets the first answer, without what is shown once', async () => {
    await change(contextWith(), asked({ idempotencyKey: 'k' }), effectOf('one'))
    const again = await change(contextWith(), asked({ idempotencyKey: 'k' }), effectOf('one'))
    assert.deepEqual(again, { status: 201, body: { what: 'one', secret: null }, replayed: true })
    assert.deepEqual(await effects(), ['one'])
    assert.equal((await newEntries()).length, 2)
  })

  test('is a conflict for another request, and nobody else’s', async () => {
    await change(contextWith(), asked({ idempotencyKey: 'k' }), effectOf('one'))
    for (const other of [{ input: { what: 'two' } }, { action: 'account.sign-up' as const }])
      await assert.rejects(
        change(contextWith(), asked({ idempotencyKey: 'k', ...other }), effectOf('two')),
        (error) => isAppError(error, 'conflict'),
      )
    const other: Actor = { ...owner, id: 'per_c' }
    assert.equal(
      (await change(contextWith(), asked({ idempotencyKey: 'k', actor: other }), effectOf('two'))).replayed,
      false,
    )
    assert.deepEqual(await effects(), ['one', 'two'])
  })

  test('sent ten times at once has one effect', async () => {
    const sent = Array.from({ length: 10 }, () =>
      change(contextWith(), asked({ idempotencyKey: 'k' }), effectOf('one')),
    )
    const answers = await Promise.allSettled(sent)
    const firsts = answers.filter((one) => one.status === 'fulfilled' && !one.value.replayed)
    assert.equal(firsts.length, 1)
    for (const one of answers)
      if (one.status === 'rejected') assert.ok(isAppError(one.reason, 'conflict'), String(one.reason))
    assert.deepEqual(await effects(), ['one'])
  })
})

/** A database whose answer to the first commit never arrives, although it committed. */
function losingFirstCommit(db: Db): Db {
  let count = 0
  const transaction = () => ({
    execute: async (work: (tx: Db) => Promise<unknown>) => {
      const done = await db.transaction().execute(work)
      if (count++ === 0) throw new Error('the connection was lost')
      return done
    },
  })
  return new Proxy(db, {
    get: (target, name) => {
      if (name === 'transaction') return transaction
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

describe('a commit whose answer is lost', () => {
  test('stays done under its key: repeating it has no second effect', async () => {
    const context = contextWith({ db: losingFirstCommit(server.db) })
    await assert.rejects(change(context, asked({ idempotencyKey: 'k' }), effectOf('one')), /was lost/)
    assert.deepEqual([await states(), await effects()], [['done'], ['one']])
    const again = await change(contextWith(), asked({ idempotencyKey: 'k' }), effectOf('one'))
    assert.equal(again.replayed, true)
    assert.deepEqual(await effects(), ['one'])
  })
})

describe('a process that dies', () => {
  test('between intent and effect leaves nothing; the sweeper says so, and a ghost comes too late', async () => {
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const stuck: AppendToLog = async (entries) => {
      await append(entries)
      reached.resolve()
      await gate.promise
    }
    const ghost = change(contextWith({ append: stuck }), asked({ idempotencyKey: 'k' }), effectOf('one'))
    await reached.promise
    assert.deepEqual(await sweepAbandoned({ db: server.db, clock, olderThanMs: 60_000 }), { abandoned: 0 })
    clock.advance(60_001)
    const both = await Promise.all(
      [1, 2].map(() => sweepAbandoned({ db: server.db, clock, olderThanMs: 60_000 })),
    )
    assert.equal(both[0]!.abandoned + both[1]!.abandoned, 1)
    await relayOutbox({ db: server.db, append })
    assert.deepEqual(
      (await newEntries()).map((one) => [one.phase, one.result]),
      [
        ['intent', undefined],
        ['outcome', 'abandoned'],
      ],
    )

    gate.resolve()
    await assert.rejects(ghost, (error) => isAppError(error, 'unavailable'))
    assert.deepEqual([await effects(), await states()], [[], ['abandoned']])
    await relayOutbox({ db: server.db, append })
    assert.equal((await newEntries()).length, 2)
    assert.equal((await change(contextWith(), asked({ idempotencyKey: 'k' }), effectOf('one'))).status, 201)
  })

  test('after the effect leaves an outcome that is relayed', async () => {
    let calls = 0
    const dies: AppendToLog = (entries) => (calls++ === 0 ? append(entries) : new Promise(() => {}))
    void change(contextWith({ append: dies }), asked({ idempotencyKey: 'k' }), effectOf('one'))
    while ((await outbox()) === 0);
    assert.deepEqual(await sweepAbandoned({ db: server.db, clock, olderThanMs: -1 }), { abandoned: 0 })
    await relayOutbox({ db: server.db, append })
    assert.deepEqual(
      (await newEntries()).map((one) => one.type),
      ['app.add.intended', 'app.added'],
    )
    assert.equal(
      (await change(contextWith(), asked({ idempotencyKey: 'k' }), effectOf('one'))).replayed,
      true,
    )
    assert.deepEqual(await effects(), ['one'])
  })
})

type Fault =
  | 'none'
  | 'intent-lost'
  | 'intent-unheard'
  | 'effect-refuses'
  | 'outcome-lost'
  | 'dies-before'
  | 'dies-after'
const faults: Fault[] = [
  'none',
  'intent-lost',
  'intent-unheard',
  'effect-refuses',
  'outcome-lost',
  'dies-before',
  'dies-after',
]

/** Sends a request through a log and a process with the given fault; true when it was acknowledged. */
async function sendWith(fault: Fault, key: string): Promise<boolean> {
  const dead = Promise.withResolvers<void>()
  const silence = () => {
    dead.resolve()
    return new Promise<never>(() => {})
  }
  let calls = 0
  const faulty: AppendToLog = async (entries) => {
    calls += 1
    if (calls === 1) {
      if (fault === 'intent-lost') throw new Error('gone')
      await append(entries)
      if (fault === 'intent-unheard') throw new Error('gone')
      return fault === 'dies-before' ? silence() : undefined
    }
    if (fault === 'outcome-lost') throw new Error('gone')
    return fault === 'dies-after' ? silence() : append(entries)
  }
  const effect =
    fault === 'effect-refuses'
      ? (): Promise<never> => Promise.reject(new AppError('conflict', 'no'))
      : effectOf(key)
  const done = change(contextWith({ append: faulty }), asked({ idempotencyKey: key, input: { key } }), effect)
  return Promise.race([
    done.then(
      () => true,
      () => false,
    ),
    dead.promise.then(() => false),
  ])
}

test('L2, L3: whatever fails, each key has one effect or none, acknowledged ones have theirs, and changes and log match one to one', async () => {
  const request = fc.record({ key: fc.constantFrom('a', 'b', 'c'), fault: fc.constantFrom(...faults) })
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), async (requests) => {
      await admin.pool.query('truncate probe.effects, changes.changes, changes.outbox')
      seen = (await log.entries()).length
      const acknowledged = new Set<string>()
      for (const { key, fault } of requests) if (await sendWith(fault, key)) acknowledged.add(key)
      clock.advance(1)
      await sweepAbandoned({ db: server.db, clock, olderThanMs: 0 })
      await relayOutbox({ db: server.db, append })

      const had = await effects()
      assert.equal(new Set(had).size, had.length)
      for (const key of acknowledged) assert.ok(had.includes(key))
      const entries = await newEntries()
      const outcomes = entries.filter((one) => one.phase === 'outcome')
      assert.equal(new Set(outcomes.map((one) => one.change)).size, outcomes.length)
      assert.equal(outcomes.filter((one) => one.result === 'done').length, had.length)
      for (const one of entries.filter((entry) => entry.phase === 'intent'))
        assert.ok(
          outcomes.some((outcome) => outcome.change === one.change),
          'an intent without its outcome',
        )
      for (const key of ['a', 'b', 'c'])
        assert.equal(await sendWith('none', key), true, 'the key can be used again, or answers')
      assert.deepEqual(await effects(), ['a', 'b', 'c'])
    }),
    { numRuns: 25 },
  )
})
