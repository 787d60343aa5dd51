import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Temporal } from 'temporal-polyfill'
import { REGISTER } from '../../src/register.ts'
import { sleepThroughProofs } from './asleep-through-proofs.ts'

const hourMs = 3_600_000

/** How often the register has this promise proved in an hour. */
function roundsInAnHour(id: string): number {
  const every = REGISTER.find((pledge) => pledge.id === id)?.every ?? 'PT1H'
  return Math.max(1, Math.ceil(hourMs / Temporal.Duration.from(every).total('milliseconds')))
}

test('200 sleeping instances, every proof for an hour: nobody wakes', async (t) => {
  const { proved, ...seen } = await sleepThroughProofs(200, roundsInAnHour)
  t.diagnostic(`${proved} proofs over 200 sleeping instances; wakes in the log: ${seen.woken}`)
  assert.deepEqual(seen, { woken: 0, started: [], awake: [] })
})
