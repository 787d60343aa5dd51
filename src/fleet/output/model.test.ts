import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { entryOf, linesOf } from './model.ts'

const place = { instance: 'ins_00000000000000000000000000', region: 'uk', file: 'app.out' }

test('lines keep where they end, so that reading goes on behind them', () => {
  assert.deepEqual(linesOf(Buffer.from('one\ntwo\nthr'), 100, 1000), [
    { text: 'one', truncated: false, endBytes: 104 },
    { text: 'two', truncated: false, endBytes: 108 },
  ])
})

test('an unfinished line waits, unless it fills the whole chunk', () => {
  assert.deepEqual(linesOf(Buffer.from('unfinished'), 0, 1000), [])
  assert.equal(linesOf(Buffer.alloc(1000, 'a'), 0, 1000).at(-1)?.endBytes, 1000)
})

test('reading in chunks of any size finds every line that is not empty, once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 40 }).map((text) => text.replaceAll('\n', ' '))),
      fc.integer({ min: 200, max: 400 }),
      (texts, size) => {
        const whole = Buffer.from(texts.map((text) => `${text.toWellFormed()}\n`).join(''))
        const found: string[] = []
        for (let offset = 0; offset < whole.length; ) {
          const lines = linesOf(whole.subarray(offset, offset + size), offset, size)
          if (lines.length === 0) break
          found.push(...lines.map((line) => line.text))
          offset = lines.at(-1)!.endBytes
        }
        assert.deepEqual(
          found.filter((text) => text !== ''),
          texts.map((text) => text.toWellFormed()).filter((text) => text !== ''),
        )
      },
    ),
  )
})

test('a JSON line may name its stream, and only one of the five', () => {
  assert.equal(
    entryOf(place, { text: '{"stream":"audit","a":1}', truncated: false, endBytes: 1 }).stream,
    'audit',
  )
  assert.equal(entryOf(place, { text: '{"stream":"root"}', truncated: false, endBytes: 1 }).stream, 'event')
  assert.equal(
    entryOf({ ...place, file: 'app.err' }, { text: 'oops', truncated: false, endBytes: 1 }).stream,
    'error',
  )
})

test('what PostgreSQL only notes is an event, what it complains of an error', () => {
  const streamOf = (text: string) =>
    entryOf({ ...place, file: 'database.log' }, { text, truncated: false, endBytes: 1 }).stream
  const at = '2026-11-23 13:17:40.312 UTC [2]'
  assert.equal(streamOf(`${at} LOG:  database system is ready to accept connections`), 'event')
  assert.equal(streamOf(`${at} ERROR:  relation "x" does not exist at LOG:  1`), 'error')
  assert.equal(streamOf(`${at} FATAL:  password authentication failed`), 'error')
  assert.equal(streamOf(`${at} STATEMENT:  select 1`), 'error')
  assert.equal(streamOf('bwrap: cannot start'), 'error')
})

test('what is no object, nested too deep or not well-formed stays text', () => {
  const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`
  for (const text of ['[1]', '{broken', deep, '{"a":"\\ud800"}'])
    assert.equal(entryOf(place, { text, truncated: false, endBytes: 1 }).event.text, text)
})
