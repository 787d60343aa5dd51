import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { LogEntry } from '../../changes/store.ts'
import { LOG_LIMITS } from '../../kernel/log-limits.ts'
import { parseBatch } from '../../ledger/server/entry.ts'
import { prepare } from '../../ledger/server/prepare.ts'
import { batchesOf, entryOf, isEmpty, linesOf, type OutputLine, refusedEntryOf } from './model.ts'

const line = (text: string): OutputLine => ({ text, truncated: false, endBytes: 1, nulBytes: 0 })
const place = { instance: 'ins_00000000000000000000000000', region: 'uk', file: 'app.out' }

test('lines keep where they end, so that reading goes on behind them', () => {
  assert.deepEqual(linesOf(Buffer.from('one\ntwo\nthr'), 100, 1000), [
    { text: 'one', truncated: false, endBytes: 104, nulBytes: 0 },
    { text: 'two', truncated: false, endBytes: 108, nulBytes: 0 },
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
  assert.equal(entryOf(place, line('{"stream":"audit","a":1}')).stream, 'audit')
  assert.equal(entryOf(place, line('{"stream":"root"}')).stream, 'event')
  assert.equal(entryOf({ ...place, file: 'app.err' }, line('oops')).stream, 'error')
})

test('what PostgreSQL only notes is an event, what it complains of an error', () => {
  const streamOf = (text: string) => entryOf({ ...place, file: 'database.log' }, line(text)).stream
  const at = '2026-11-23 13:17:40.312 UTC [2]'
  assert.equal(streamOf(`${at} LOG:  database system is ready to accept connections`), 'event')
  assert.equal(streamOf(`${at} ERROR:  relation "x" does not exist at LOG:  1`), 'error')
  assert.equal(streamOf(`${at} FATAL:  password authentication failed`), 'error')
  assert.equal(streamOf(`${at} STATEMENT:  select 1`), 'error')
  assert.equal(streamOf('bwrap: cannot start'), 'error')
})

test('what is no object, nested too deep or not well-formed stays text', () => {
  const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`
  for (const text of ['[1]', '{broken', deep, '{"a":"\\ud800"}', '{"a":1e999}'])
    assert.equal(entryOf(place, line(text)).event.text, text)
})

/** What the log itself does with what it is sent, up to where it is written. */
function take(entries: LogEntry[]): void {
  const body = JSON.stringify({ entries })
  assert.ok(Buffer.byteLength(body) <= LOG_LIMITS.batchBytes)
  prepare(parseBatch(JSON.parse(body)), 0)
}
const entriesIn = (bytes: Buffer) =>
  linesOf(bytes, 0, bytes.length)
    .filter((one) => !isEmpty(one))
    .map((one) => entryOf(place, one))

const control = '\u0001'
const hostile = {
  'control characters': control.repeat(12_000),
  'control characters to the limit and beyond': control.repeat(300_000),
  'control characters in an error': `Error: ${control.repeat(16_000)}`,
  'numbers that grow': `{"a":[${Array(3_200).fill('1e20').join()}]}`,
  'escapes that stay': `{"a":"${'\\u0001'.repeat(2_700)}"}`,
  quotes: '"'.repeat(16_384),
  'half of every pair': '\ud83d'.repeat(5_000),
  pairs: '😀'.repeat(4_096),
  'a number that is none': '{"a":1e999}',
  'members of the prototype': '{"__proto__":{"a":1},"constructor":1,"toJSON":2}',
  nested: '{"a":'.repeat(3_000),
  nothing: '\0'.repeat(200_000),
}
for (const [name, text] of Object.entries(hostile))
  test(`the log takes ${name}`, () => {
    const entries = entriesIn(Buffer.from(`${text}\n`))
    assert.equal(entries.length, 1)
    take(entries)
  })

test('what is cut says so, and is cut as little as needed', () => {
  const [entry] = entriesIn(Buffer.from(`${control.repeat(12_000)}\n`))
  const { text, truncated } = entry!.event as { text: string; truncated: boolean }
  assert.equal(truncated, true)
  assert.ok(text.length > 10_800 && text === control.repeat(text.length), `${text.length}`)
  const [whole] = entriesIn(Buffer.from(`${'x'.repeat(16_384)}\n`))
  assert.equal(whole!.event.truncated, undefined)
  const [record] = entriesIn(Buffer.from(`${hostile['numbers that grow']}\n`))
  assert.deepEqual([record!.event.record, record!.event.truncated], [undefined, undefined])
  assert.equal(record!.event.text, hostile['numbers that grow'])
})

test('the log takes every line there can be', () => {
  const widening = fc.constantFrom(
    control,
    '"',
    '\\',
    '\0',
    '\x7f',
    '\u2028',
    '😀',
    '\ud800',
    '1e20,',
    '{"a":',
    '\r',
    'x',
  )
  const anyLine = fc.oneof(
    fc.uint8Array({ maxLength: 20_000, size: 'max' }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary', maxLength: 18_000, size: 'max' }).map((text) => Buffer.from(text)),
    fc
      .tuple(fc.array(widening, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 20_000 }))
      .map(([parts, times]) => Buffer.from(parts.join('').repeat(times).slice(0, 20_000))),
    fc
      .json({ noUnicodeString: false, maxDepth: 20 } as never)
      .map((json) => Buffer.from(`{"stream":"audit","a":${json}}`)),
    fc
      .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 3_000, size: 'max' })
      .map((numbers) => Buffer.from(JSON.stringify({ a: numbers }).replaceAll('e+', 'e'))),
    fc
      .tuple(
        fc.constantFrom('1e20', '-1e20', '1E0000020', '0.1e-5', '1e-6', '-0', '1e999', '123456789e12'),
        fc.integer({ min: 1, max: 4_000 }),
      )
      .map(([number, times]) => Buffer.from(`{"a":[${Array(times).fill(number).join()}]}`)),
  )
  fc.assert(
    fc.property(anyLine, (bytes) => {
      const entries = entriesIn(Buffer.concat([bytes, Buffer.from('\n')]))
      take(
        [...entries, ...entries.map((entry) => refusedEntryOf(entry, 'Because.'))].concat(
          entriesIn(Buffer.from('x\n')),
        ),
      )
    }),
    { numRuns: 300 },
  )
})

test('a chunk of as many lines as fit, or of the widest, comes in parts that the log takes', () => {
  for (const text of ['a\n', `${control.repeat(9_000)}\n`, `{"a":[${Array(3_000).fill('1e20').join()}]}\n`]) {
    const bytes = Buffer.from(text.repeat(Math.floor((256 * 1024) / text.length)))
    const entries = entriesIn(bytes)
    const batches = batchesOf(entries)
    assert.deepEqual(batches.flat(), entries)
    for (const batch of batches) take(batch)
  }
  assert.deepEqual(batchesOf([]), [])
})

test('zeros of a file that was cut and grew are counted, not carried', () => {
  assert.deepEqual(linesOf(Buffer.alloc(1000), 0, 1000), [
    { text: '', truncated: false, endBytes: 1000, nulBytes: 1000 },
  ])
  const [entry] = entriesIn(Buffer.from(`${'\0'.repeat(100)}after\n`))
  assert.deepEqual(entry!.event, { instance: place.instance, file: place.file, nulBytes: 100, text: 'after' })
})
