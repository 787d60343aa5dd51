import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type TestPostgres } from '../../../../test/support/postgres.ts'
import { createTestClock } from '../../../../test/support/test-clock.ts'
import { type Database, openDatabase } from '../../../kernel/db.ts'
import { type IsolationEyes, lookAround } from './look.ts'
import { isolationRounds } from './rounds.ts'

let postgres: TestPostgres
let prover: Database
before(async () => {
  postgres = await startPostgres()
  prover = openDatabase(postgres.urlAs('borgen_prover'))
})
after(async () => {
  await prover.close()
  await postgres.stop()
})

test('the proofs about every instance are asked for when there is another one, by whomever it was found first', async () => {
  const population: string[] = []
  const clock = createTestClock()
  const eyes: IsolationEyes = {
    db: prover.db,
    clock,
    population: async () => population,
    prober: {
      present: async () => population,
      probe: async () => ({
        ...{ was: 'asleep', uid: 7, hasOwnUser: true, hasNetworkToPlant: true },
        tries: (['application', 'database', 'outside'] as const).map((from) => ({
          ...{ from, name: 'a file', reached: false, controlReached: true, detail: '' },
        })),
      }),
    },
  }
  let asked = 0
  const rounds = isolationRounds(
    eyes,
    async () => 30_000,
    async () => asked++,
  )
  await rounds.run()
  assert.equal(asked, 0, 'nothing is there')

  population.push('ins_aaaaaaaaaaaaaaaaaaaaaaaaaa')
  // As the proof itself does, between two ticks.
  await lookAround(eyes, { olderThanMs: 1, most: 10, budgetMs: 5_000 })
  await rounds.run()
  assert.equal(asked, 1)
  await rounds.run()
  assert.equal(asked, 1, 'the same instances as before')

  population.push('ins_bbbbbbbbbbbbbbbbbbbbbbbbbb')
  await rounds.run()
  assert.equal(asked, 2)
  population.pop()
  await rounds.run()
  assert.equal(asked, 3, 'one is gone')
})
