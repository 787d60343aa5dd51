import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { daysOf, firstDay } from './days.ts'
import type { State } from './verdict.ts'

const DAY_MS = 86_400_000
const now = Date.parse('2026-11-23T15:00:00Z')
const at = (text: string) => Date.parse(text)
const states = (
  transitions: { at: number; state: State }[],
  since: number | null,
  state: State = 'kept',
  count = 4,
) => daysOf(transitions, { state, since }, { nowMs: now, count })

test('a day is as bad as its worst moment, and what stood when it began counts', () => {
  const days = states(
    [
      { at: at('2026-11-20T10:00:00Z'), state: 'kept' },
      { at: at('2026-11-21T10:00:00Z'), state: 'broken' },
      { at: at('2026-11-21T10:05:00Z'), state: 'kept' },
      { at: at('2026-11-22T23:59:59Z'), state: 'unknown' },
      { at: at('2026-11-23T00:00:00Z'), state: 'kept' },
    ],
    at('2026-11-23T00:00:00Z'),
  )
  assert.deepEqual(days, [
    { date: '2026-11-20', state: 'kept' },
    { date: '2026-11-21', state: 'broken' },
    { date: '2026-11-22', state: 'unknown' },
    { date: '2026-11-23', state: 'kept' },
  ])
})

test('before anything was found there is nothing', () => {
  assert.deepEqual(
    states([], null, 'unknown').map((day) => day.state),
    ['none', 'none', 'none', 'none'],
  )
})

test('evidence that grew stale and was never renewed greys the days since', () => {
  const kept = [{ at: at('2026-11-01T10:00:00Z'), state: 'kept' as const }]
  assert.deepEqual(
    states(kept, at('2026-11-22T08:00:00Z'), 'unknown').map((day) => day.state),
    ['kept', 'kept', 'unknown', 'unknown'],
  )
})

test('whatever happened, there is one day each, in order, and each is among what held on it', () => {
  const state = fc.constantFrom<State>('kept', 'broken', 'unknown', 'unexercised')
  const some = fc.uniqueArray(fc.record({ at: fc.integer({ min: 0, max: 40 * DAY_MS }), state }), {
    maxLength: 30,
    selector: (one) => one.at,
  })
  fc.assert(
    fc.property(some, (given) => {
      const first = firstDay(now, 30)
      const transitions = given
        .map((one) => ({ ...one, at: first - 5 * DAY_MS + one.at }))
        .filter((one) => one.at <= now)
        .sort((a, b) => a.at - b.at)
      const last = transitions.at(-1)
      const days = daysOf(
        transitions,
        { state: last?.state ?? 'unknown', since: last?.at ?? null },
        { nowMs: now, count: 30 },
      )
      assert.equal(days.length, 30)
      for (const [index, day] of days.entries()) {
        const [begin, end] = [first + index * DAY_MS, first + (index + 1) * DAY_MS]
        const held = transitions.filter(
          (one, nth) => one.at < end && (transitions[nth + 1]?.at ?? Number.POSITIVE_INFINITY) > begin,
        )
        const isBroken = held.some((one) => one.state === 'broken')
        assert.equal(day.state === 'broken', isBroken, JSON.stringify({ day, held }))
        assert.equal(day.state === 'none', held.length === 0)
      }
    }),
  )
})
