import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseLeaf } from './leaf.ts'

const header = {
  c: '9a'.repeat(32),
  region: 'eu-frankfurt',
  stream: 'audit',
  subject: 'ins_0123456789abcdefghjkmnpqrs',
  time: 1795425264000,
  type: 'contact.created',
  v: 1,
}
const judge = (value: unknown) =>
  parseLeaf(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))

test('a header of the seven members is read', () => {
  assert.deepEqual(judge(header), header)
  for (const change of [
    { subject: 'plane' },
    { time: 0 },
    { time: Number.MAX_SAFE_INTEGER },
    { type: 'a' },
    { type: 'a-b_c.d9' },
    { type: 'a'.repeat(64) },
    { stream: 'operator' },
    { region: 'a' },
  ])
    assert.deepEqual(judge({ ...header, ...change }), { ...header, ...change })
})

test('everything else is refused, with the reason', () => {
  const { c: _, ...withoutC } = header
  const wrong: [unknown, RegExp][] = [
    ['', /not JSON/],
    ['[]', /not an object/],
    ['null', /not an object/],
    [withoutC, /"c" is missing/],
    [{ ...header, x: 1 }, /"x" is not a member/],
    [{ ...header, c: 'AB'.repeat(32) }, /"c" is/],
    [{ ...header, c: '9a'.repeat(31) }, /"c" is/],
    [{ ...header, region: 'EU' }, /"region" is/],
    [{ ...header, region: 'a'.repeat(33) }, /"region" is/],
    [{ ...header, stream: 'gossip' }, /"stream" is/],
    [{ ...header, subject: 'ins_0123456789abcdefghijklmnop' }, /"subject" is/],
    [{ ...header, subject: `${header.subject}0` }, /"subject" is/],
    [{ ...header, time: -1 }, /"time" is/],
    [{ ...header, time: 1.5 }, /"time" is/],
    [{ ...header, time: '1' }, /"time" is/],
    [{ ...header, time: 2 ** 53 }, /"time"/],
    [{ ...header, type: 'Contact' }, /"type" is/],
    [{ ...header, type: 'a..b' }, /"type" is/],
    [{ ...header, type: 'a.' }, /"type" is/],
    [{ ...header, type: 'a'.repeat(65) }, /longer than 64/],
    [{ ...header, v: 2 }, /"v" is 2/],
    [Object.fromEntries(Object.entries(header).reverse()), /not canonical/],
    [` ${JSON.stringify(header)}`, /not canonical/],
    [`${JSON.stringify(header)}\n`, /not canonical/],
    [JSON.stringify(header).replace('plane', 'pl\\u0061ne').replace('audit', '\\u0061udit'), /not canonical/],
    [JSON.stringify(header).replace('1795425264000', '1.795425264e12'), /not canonical/],
    [JSON.stringify(header).replace('{', '{"c":"","c":'), /not JSON|not canonical/],
    [JSON.stringify({ ...header, type: `a${'.b'.repeat(300)}` }), /at most 512/],
  ]
  for (const [value, reason] of wrong) {
    const answer = judge(value)
    assert.equal(typeof answer, 'string', JSON.stringify(value))
    assert.match(String(answer), reason)
  }
  assert.match(String(parseLeaf(Buffer.from([0xff, 0x00]))), /not UTF-8/)
})

test('whatever is read writes back to the same bytes', () => {
  fc.assert(
    fc.property(fc.nat(), fc.string({ maxLength: 3 }), (at, insert) => {
      const text = JSON.stringify(header)
      const changed = text.slice(0, at % text.length) + insert + text.slice(at % text.length)
      const leaf = judge(changed)
      if (typeof leaf !== 'string') assert.equal(JSON.stringify(leaf), changed)
    }),
    { numRuns: 500 },
  )
})
