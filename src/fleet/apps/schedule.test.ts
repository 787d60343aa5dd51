import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCronLine, lastDue } from './schedule.ts'

test('five fields that come due some day are a cron line', () => {
  for (const line of ['0 6 * * 1', '*/15 * * * *', '0 0 29 2 *', '0 9 * * MON-FRI'])
    assert.equal(isCronLine(line), true, line)
  for (const line of ['', 'a b c d e', '60 * * * *', '* * * * * *', '@daily', '0 0 30 2 *', '0 6 * *'])
    assert.equal(isCronLine(line), false, line)
})

const at = (text: string) => Date.parse(text)

test('it comes due by the clock on the wall of the region, summer and winter', () => {
  const due = (zone: string, now: string) => lastDue(['0 6 * * 1'], zone, at(now))
  assert.equal(due('Europe/Berlin', '2026-11-23T12:00:00Z'), at('2026-11-23T05:00:00Z'))
  assert.equal(due('Europe/Berlin', '2026-07-06T12:00:00Z'), at('2026-07-06T04:00:00Z'))
  assert.equal(due('Asia/Kolkata', '2026-11-23T00:29:59Z'), at('2026-11-16T00:30:00Z'))
  assert.equal(due('Asia/Kolkata', '2026-11-23T00:30:01Z'), at('2026-11-23T00:30:00Z'))
})

test('of several lines the latest counts; none is never due', () => {
  const now = at('2026-11-23T12:00:00Z')
  assert.equal(lastDue(['0 6 * * *', '30 11 * * *'], 'UTC', now), at('2026-11-23T11:30:00Z'))
  assert.equal(lastDue([], 'UTC', now), undefined)
})
