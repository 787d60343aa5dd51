import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, NotCanonical } from './canonical-json.ts'

test('the examples of RFC 8785', () => {
  // https://www.rfc-editor.org/rfc/rfc8785 sections 3.2.2 and 3.2.3
  const sample = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  )
  assert.equal(
    canonicalJson(sample),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  const sorted = JSON.parse(
    '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
  )
  assert.deepEqual(Object.values(JSON.parse(canonicalJson(sorted))).slice(1), [
    'Carriage Return',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ])
  assert.equal(canonicalJson([-0, 1e21, 1e-7]), '[0,1e+21,1e-7]')
})

test('members are sorted by code units, whatever order JavaScript keeps them in', () => {
  assert.equal(canonicalJson({ 9: 1, 10: 2, a: 3 }), '{"10":2,"9":1,"a":3}')
  assert.equal(
    canonicalJson(JSON.parse('{"b":1,"__proto__":{"z":1,"a":2}}')),
    '{"__proto__":{"a":2,"z":1},"b":1}',
  )
})

test('one text for one value, however its members were ordered', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = canonicalJson(value)
      assert.equal(canonicalJson(JSON.parse(text)), text)
      assert.equal(canonicalJson(reversed(value)), text)
    }),
  )
})

test('what has no canonical form is refused', () => {
  let deep: unknown = 1
  for (let i = 0; i < 33; i++) deep = [deep]
  for (const value of [
    '\ud800',
    { '\udc00': 1 },
    [Number.POSITIVE_INFINITY],
    Number.NaN,
    { a: undefined },
    deep,
  ])
    assert.throws(() => canonicalJson(value), NotCanonical)
  assert.equal(canonicalJson('\\ud800'), '"\\\\ud800"')
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const turned = Object.create(null)
  for (const [key, member] of Object.entries(value).reverse()) turned[key] = reversed(member)
  return turned
}
