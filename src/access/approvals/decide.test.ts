import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { UNKNOWN } from '../actor.ts'
import { bestMeans, type Means, mayApprove, stateOf } from './decide.ts'
import { APPROVAL_STATES } from './store.ts'

const open = { state: 'open' as const, expires_at: 100, requester: 'ada', behind: ['ada'], may_alone: true }

test('another person with the right may; who asked, who has no right, nobody, and anybody too late may not', () => {
  const approvers = ['ada', 'bob']
  const ask = (person: string | undefined, more: object = {}, now = 50) =>
    mayApprove({ approval: { ...open, ...more }, person, means: [], approvers, now })
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

test('who got in by way of who asked, or by way of the same person, is no second one; a code is the host’s word', () => {
  const ask = (means: Means, more: object = {}) =>
    mayApprove({ approval: { ...open, ...more }, person: 'bob', means, approvers: ['ada', 'bob'], now: 50 })
  const brought = { requester: 'cy', behind: ['cy', 'ada'] }
  for (const [asked, why] of [
    [ask(['ada']), /leads back/],
    [ask(['dan', 'ada']), /leads back/],
    [ask(['ada'], brought), /leads back/],
    [ask([], { requester: 'cy', behind: ['cy', 'bob'] }), /leads back to you/],
    [ask('code', { requester: 'cy', behind: ['cy', 'bob'] }), /leads back to you/],
    [ask([UNKNOWN]), /not known how your passkey/],
    [ask([], { behind: ['ada', UNKNOWN] }), /not known how who asked/],
  ] as const) {
    assert.ok(!asked.may)
    assert.match(asked.why, why)
    assert.match(asked.remedy, /vouch/)
  }
  for (const asked of [
    ask([]),
    ask(['dan']),
    ask([], brought),
    ask('code'),
    ask('code', { behind: ['ada', UNKNOWN] }),
  ])
    assert.deepEqual(asked, { may: true, manner: 'second person' })
  const given = { approval: open, person: 'bob', approvers: ['ada', 'bob'], now: 50 }
  assert.ok(bestMeans(given, [['ada'], []]).may)
  assert.ok(!bestMeans(given, [['ada'], [UNKNOWN]]).may)
})

test('whatever the world, who asked approves only as the one person there is, and only where that is allowed', () => {
  const people = ['ada', 'bob', 'cy', 'dan']
  const world = fc.record({
    requester: fc.option(fc.constantFrom(...people)),
    more: fc.subarray([...people, UNKNOWN]),
    means: fc.oneof(fc.constant('code' as const), fc.subarray([...people, UNKNOWN])),
    may_alone: fc.boolean(),
    state: fc.constantFrom(...APPROVAL_STATES),
    expires_at: fc.integer({ min: 0, max: 100 }),
    person: fc.option(fc.constantFrom(...people), { nil: undefined }),
    approvers: fc.subarray(people),
    now: fc.integer({ min: 0, max: 100 }),
  })
  fc.assert(
    fc.property(world, ({ person, means, approvers, now, more, ...given }) => {
      const approval = { ...given, behind: given.requester === null ? more : [given.requester, ...more] }
      const asked = mayApprove({ approval, person, means, approvers, now })
      if (!asked.may) return
      assert.equal(stateOf(approval, now), 'open')
      assert.ok(person !== undefined && approvers.includes(person))
      if (asked.manner === 'second person')
        assert.ok(
          approval.requester !== null &&
            !approval.behind.includes(person) &&
            (means === 'code' || ![...means, ...approval.behind].includes(UNKNOWN)) &&
            (means === 'code' || !means.some((one) => approval.behind.includes(one))),
        )
      else assert.ok(approval.may_alone && approvers.length === 1)
    }),
    { numRuns: 2000 },
  )
})
