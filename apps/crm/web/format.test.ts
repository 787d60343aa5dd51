import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dueDay, fileSize, parseDecimal, parseMinor } from './format.ts'

test('numbers are read as people of different countries write them', () => {
  const cases: [string, number | null][] = [
    ['1234', 1234],
    ['1 234,50', 1234.5],
    ['1\u00a0234,50', 1234.5],
    ['1,234.50', 1234.5],
    ['1.234,50', 1234.5],
    ['1,234,567', 1234567],
    ['0,5', 0.5],
    ['-3.25', -3.25],
    ['−3', -3],
    ['', null],
    ['12 kr', null],
    ['1e9', null],
    ['--1', null],
  ]
  for (const [text, value] of cases) assert.equal(parseDecimal(text), value, text)
})

test('amounts are öre or cents, and three digits after a mark are thousands', () => {
  assert.equal(parseMinor('1 250,50'), 125_050)
  assert.equal(parseMinor('18,400'), 1_840_000)
  assert.equal(parseMinor('18.400'), 1_840_000)
  assert.equal(parseMinor('18,40'), 1_840)
  assert.equal(parseMinor('0.295'), 30)
  assert.equal(parseMinor('nothing'), null)
})

test('near days have names', () => {
  const now = new Date('2026-03-29T01:30:00')
  assert.equal(dueDay('2026-03-29', now), 'Today')
  assert.equal(dueDay('2026-03-30', now), 'Tomorrow')
  assert.equal(dueDay('2026-03-28', now), 'Yesterday')
  assert.equal(dueDay('2026-03-20', now), '9 days ago')
})

test('sizes are short', () => {
  assert.deepEqual([10, 2048, 5_500_000].map(fileSize), ['10\u00a0B', '2\u00a0KiB', '5.2\u00a0MiB'])
})
