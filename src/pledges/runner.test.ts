import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type TestPostgres } from '../../test/support/postgres.ts'
import { silentLogger } from '../../test/support/silent-logger.ts'
import { createTestClock } from '../../test/support/test-clock.ts'
import { recordInTransaction } from '../changes/outbox.ts'
import { oldestOutbox } from '../changes/store.ts'
import { type Database, openDatabase } from '../kernel/db.ts'
import { REGISTER } from '../register.ts'
import { standingOf } from './board.ts'
import { pledgesInForce } from './in-force.ts'
import { fitting, type Proof, proofJob } from './runner.ts'
import { same } from './sentence.ts'
import { requestProof, transitionsSince, verdictOf } from './store.ts'
import type { Finding } from './verdict.ts'

const id = 'encryption.disks'
const promise = pledgesInForce(REGISTER, undefined).find((one) => one.pledge.id === id)!
const clock = createTestClock()
let postgres: TestPostgres
let server: Database
let prover: Database
let found: () => Promise<readonly Finding[]>
let looks = 0

before(async () => {
  postgres = await startPostgres()
  server = openDatabase(postgres.urlAs('borgen_server'))
  prover = openDatabase(postgres.urlAs('borgen_prover'))
})
after(async () => {
  await Promise.all([server.close(), prover.close()])
  await postgres.stop()
})

const kept: Finding = { part: 'disks', state: 'kept', reason: { en: 'Encrypted.', sv: 'Krypterat.' } }
const broken: Finding = { part: 'disks', state: 'broken', reason: { en: 'Bare.', sv: 'Okrypterat.' } }
const other: Proof = { pledge: 'transport.tls', prove: () => Promise.reject(new Error('planted')) }
const proof: Proof = {
  pledge: id,
  prove: () => {
    looks += 1
    return found()
  },
}
const job = () =>
  proofJob({
    db: prover.db,
    clock,
    logger: silentLogger,
    proofs: [other, proof],
    inForce: async () => pledgesInForce(REGISTER, undefined),
    log: (tx, { key, type, event }, now) =>
      recordInTransaction(
        tx,
        [{ key, type, event, stream: 'audit', subject: 'plane', region: 'plane' }],
        now,
      ),
  })
const standing = async () => standingOf(promise, await verdictOf(prover.db, id), clock.now())
const logged = async () =>
  (await oldestOutbox(server.db, 500)).map((row) => row.type).filter((type) => !type.endsWith('unknown'))

test('never proved is unknown; then it is what was found, with history and an entry for the log', async () => {
  assert.equal((await standing()).state, 'unknown')
  found = async () => [kept]
  await job().run()
  assert.deepEqual([(await standing()).state, looks], ['kept', 1])
  assert.deepEqual(await logged(), ['promise.kept'])
})

test('it is not proved again before its time, unless somebody asks', async () => {
  await job().run()
  assert.equal(looks, 1)
  await requestProof(server.db, id, clock.now())
  await job().run()
  assert.equal(looks, 2)
  await job().run()
  assert.equal(looks, 2, 'an answered request is gone')
})

test('a breach shows at the next proof; what did not change is no line of history', async () => {
  found = async () => [broken]
  clock.advance(promise.everyMs)
  await job().run()
  assert.deepEqual([(await standing()).state, (await standing()).reason.sv], ['broken', 'Okrypterat.'])
  clock.advance(promise.everyMs)
  await job().run()
  const states = (await transitionsSince(prover.db, id, 0)).map((row) => row.state)
  assert.deepEqual(states, ['kept', 'broken'])
})

test('without a prover it turns unknown by itself, and the gap stands in the history afterwards', async () => {
  found = async () => [kept]
  clock.advance(promise.freshnessMs)
  assert.equal((await standing()).state, 'broken')
  clock.advance(1)
  assert.equal((await standing()).state, 'unknown')
  clock.advance(10 * promise.everyMs)
  await job().run()
  const states = (await transitionsSince(prover.db, id, 0)).map((row) => row.state)
  assert.deepEqual(states, ['kept', 'broken', 'unknown', 'kept'])
})

test('a proof that fails is unknown, says why, and stops no other', async () => {
  const failed = await verdictOf(prover.db, 'transport.tls')
  assert.deepEqual([failed?.state, /planted/.test(failed?.reason.en ?? '')], ['unknown', true])
})

test('the prover can change verdicts and nothing else', async () => {
  const denied = /permission denied|append-only/
  for (const statement of [
    'update pledges.transitions set state = $1',
    'delete from pledges.transitions where state <> $1',
    'delete from pledges.verdicts where state <> $1',
    'update pledges.overviews set text = $1',
    'update fleet.instances set host = $1',
    'delete from changes.outbox where type <> $1',
    'select token_hash from access.tokens where name = $1',
  ])
    await assert.rejects(prover.pool.query(statement, ['kept']), denied, statement)
})

test('an entry of the log holds as much evidence as it may, the failures first; findings without evidence stay', () => {
  const evidence = Array.from({ length: 50 }, (_, at) => ({
    ...{ what: `row ${at}`, seen: same('x'.repeat(900)), isAsPromised: at > 0 },
  }))
  const findings = [{ ...kept, evidence }, broken]
  const [first, second] = fitting(findings)
  assert.ok(Buffer.byteLength(JSON.stringify(fitting(findings))) < 65_536 / 2)
  assert.equal(first?.evidence?.[0]?.what, 'row 0')
  assert.deepEqual(second, broken)
  assert.deepEqual(fitting([kept, broken]), [kept, broken])
})
