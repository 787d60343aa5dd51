import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mayApprove, stateOf } from './decide.ts'
import { APPROVAL_STATES } from './store.ts'

const open = { state: 'open' as const, expires_at: 100, requester: 'ada', may_alone: true }

test('another person with the right may; who asked, who has no right, nobody, and anybody too late may not', () => {
  const approvers = ['ada', 'bob']
  const ask = (person: string | undefined, more: object = {}, now = 50) =>
    mayApprove({ approval: { ...open, ...more }, person, approvers, now })
  assert.deepEqual(ask('bob'), { may: true, manner: 'second person' })
  for (const [asked, why] of [
    [ask('ada'), /yourself/],
    [ask('eve'), /may not/],
    [ask(undefined), /Only a person/],
    [ask('bob', {}, 100), /in time/],
    [ask('bob', { state: 'refused' }), /refused/],
    [ask('bob', { requester: null }), /nobody who can be named/],
  ] as const) {
    assert.ok(!asked.may)
    assert.match(asked.why, why)
    assert.ok(asked.remedy)
  }
})

test('whatever the world, who asked approves only as the one person there is, and only where that is allowed', () => {
  const people = ['ada', 'bob', 'cy', 'dan']
  const world = fc.record({
    requester: fc.option(fc.constantFrom(...people)),
    may_alone: fc.boolean(),
    state: fc.constantFrom(...APPROVAL_STATES),
    expires_at: fc.integer({ min: 0, max: 100 }),
    person: fc.option(fc.constantFrom(...people), { nil: undefined }),
    approvers: fc.subarray(people),
    now: fc.integer({ min: 0, max: 100 }),
  })
  fc.assert(
    fc.property(world, ({ person, approvers, now, ...approval }) => {
      const asked = mayApprove({ approval, person, approvers, now })
      if (!asked.may) return
      assert.equal(stateOf(approval, now), 'open')
      assert.ok(person !== undefined && approvers.includes(person))
      if (asked.manner === 'second person')
        assert.ok(approval.requester !== null && approval.requester !== person)
      else
        assert.ok(approval.may_alone && approvers.length === 1 && (approval.requester ?? person) === person)
    }),
    { numRuns: 2000 },
  )
})
