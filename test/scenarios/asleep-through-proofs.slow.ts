import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleepThroughProofs } from './asleep-through-proofs.ts'

test('every proof is made of sleeping instances, and none of them wakes', async () => {
  const { proved, ...seen } = await sleepThroughProofs(2, () => 2)
  assert.deepEqual(seen, { woken: 0, started: [], awake: [] })
  assert.ok(proved >= 10, `only ${proved} proofs were made`)
})
