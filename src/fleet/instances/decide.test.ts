import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mayIdle, nextStep, retryDelayMs } from './decide.ts'
import type { Desired, Observed, Step } from './store.ts'

const DESIRED: Desired[] = ['awake', 'asleep', 'suspended', 'destroyed']
const OBSERVED: Observed[] = ['absent', 'asleep', 'starting', 'awake', 'stopping', 'failed', 'destroyed']
const STEPS: Step[] = ['registered', 'keyed', 'sealed', 'provisioned', 'removed', 'key-destroyed']

/** What each act leaves behind when it succeeds. */
function after(facts: { desired: Desired; observed: Observed; step: Step }, act: string) {
  if (act === 'make-key') return { ...facts, step: 'keyed' as Step }
  if (act === 'seal-secrets') return { ...facts, step: 'sealed' as Step }
  if (act === 'start') return { ...facts, step: 'provisioned' as Step, observed: 'awake' as Observed }
  if (act === 'stop' || act === 'settle-asleep') return { ...facts, observed: 'asleep' as Observed }
  if (act === 'remove') return { ...facts, step: 'removed' as Step, observed: 'absent' as Observed }
  if (act === 'destroy-key')
    return { ...facts, step: 'key-destroyed' as Step, observed: 'destroyed' as Observed }
  return facts
}

test('from every state every wish is reached in at most four steps, and then nothing more is done', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...DESIRED),
      fc.constantFrom(...OBSERVED.filter((state) => state !== 'destroyed')),
      fc.constantFrom(...STEPS.filter((step) => step !== 'removed' && step !== 'key-destroyed')),
      (desired, observed, step) => {
        let facts: { desired: Desired; observed: Observed; step: Step } = { desired, observed, step }
        for (let count = 0; count < 4; count++) facts = after(facts, nextStep(facts).act)
        assert.equal(nextStep(facts).act, 'none')
        const reached = { awake: 'awake', asleep: 'asleep', suspended: 'asleep', destroyed: 'destroyed' }[
          desired
        ]
        assert.equal(facts.observed, reached)
      },
    ),
  )
})

test('the key of a destroyed instance goes after its data, never before', () => {
  for (const step of STEPS.filter((one) => one !== 'removed' && one !== 'key-destroyed'))
    assert.equal(nextStep({ desired: 'destroyed', observed: 'awake', step }).act, 'remove')
  assert.equal(nextStep({ desired: 'destroyed', observed: 'absent', step: 'removed' }).act, 'destroy-key')
})

const awake = {
  desired: 'awake' as Desired,
  observed: 'awake' as Observed,
  last_request_at: 0,
  changed_at: 0,
  open_requests: 0,
  manifest: { sleep: 'idle' as 'idle' | 'never', idleAfter: 'PT5M' },
}

test('an idle instance sleeps at its idle time and not a millisecond before', () => {
  assert.equal(mayIdle(awake, 299_999).sleep, false)
  assert.equal(mayIdle(awake, 300_000).sleep, true)
})

test('open requests, a manifest that never sleeps and another wish keep it awake', () => {
  assert.equal(mayIdle({ ...awake, open_requests: 1 }, 1e9).sleep, false)
  assert.equal(mayIdle({ ...awake, manifest: { sleep: 'never', idleAfter: 'PT5M' } }, 1e9).sleep, false)
  assert.equal(mayIdle({ ...awake, desired: 'suspended' }, 1e9).sleep, false)
})

test('retries slow down to a minute and no further', () => {
  assert.deepEqual([0, 1, 2, 6, 50].map(retryDelayMs), [1000, 2000, 4000, 60_000, 60_000])
})
