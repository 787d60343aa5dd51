import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { same } from './sentence.ts'
import { combine, type Finding, isStale, STATES } from './verdict.ts'

const parts = { a: same('a'), b: same('b'), c: { en: 'the third', sv: 'den tredje' } }
const onlyA = { a: same('a') }
const finding = (part: string, state: Finding['state']): Finding => ({
  part,
  state,
  reason: same(`${part} is ${state}.`),
})
const anyFindings = fc.array(
  fc.record({
    part: fc.constantFrom('a', 'b', 'c', 'elsewhere'),
    state: fc.constantFrom<Finding['state']>(...STATES, 'absent'),
  }),
  { maxLength: 6 },
)

test('it is kept only when every part is kept, absent or not yet due, and one is kept', () => {
  fc.assert(
    fc.property(anyFindings, (given) => {
      const findings = given.map(({ part, state }) => finding(part, state))
      const own = findings.filter((one) => Object.hasOwn(parts, one.part))
      const isShown = Object.keys(parts).every((part) => own.some((one) => one.part === part))
      const isFine =
        isShown &&
        own.every((one) => one.state !== 'broken' && one.state !== 'unknown') &&
        own.some((one) => one.state === 'kept')
      assert.equal(combine(parts, findings).state === 'kept', isFine)
    }),
  )
})

test('a breach anywhere breaks the whole, and is the reason', () => {
  fc.assert(
    fc.property(anyFindings, (given) => {
      const findings = [...given.map(({ part, state }) => finding(part, state)), finding('b', 'broken')]
      const verdict = combine(parts, findings)
      assert.equal(verdict.state, 'broken')
      assert.match(verdict.reason.sv, /b is broken/)
    }),
  )
})

test('a part that nobody showed makes it unknown and is named', () => {
  const verdict = combine(parts, [finding('a', 'kept'), finding('b', 'kept')])
  assert.deepEqual(
    [verdict.state, verdict.reason],
    ['unknown', { en: 'Not shown: the third.', sv: 'Inte visat: den tredje.' }],
  )
  assert.equal(combine(parts, []).state, 'unknown')
})

test('a part that says it is kept without having looked at everyone is unknown', () => {
  const some = { all: 3, examined: 2, kept: 2, of: { en: 'instances', sv: 'instanser' } }
  const verdict = combine(onlyA, [{ ...finding('a', 'kept'), population: some }])
  assert.equal(verdict.state, 'unknown')
  assert.match(verdict.reason.en, /2 of 3 instances/)
  assert.match(verdict.reason.sv, /2 av 3 instanser/)
})

test('what is absent everywhere, or has not come due, is not kept', () => {
  assert.equal(combine(onlyA, [finding('a', 'absent')]).state, 'unknown')
  assert.equal(combine(onlyA, [finding('a', 'unexercised')]).state, 'unexercised')
})

test('the population shown is the one that says least for us', () => {
  const of = (kept: number, all: number) => ({ all, examined: all, kept, of: same('things') })
  const findings = [
    { ...finding('a', 'kept'), population: of(5, 5) },
    { ...finding('b', 'broken'), population: of(1, 4) },
    { ...finding('c', 'kept'), population: of(9, 9) },
  ]
  assert.deepEqual(combine(parts, findings).population, of(1, 4))
})

test('evidence is stale after its time, and from the future', () => {
  assert.deepEqual([isStale(100, 50, 150), isStale(100, 50, 151), isStale(100, 50, 99)], [false, true, true])
})
