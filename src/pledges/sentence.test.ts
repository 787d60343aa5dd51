import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertSaysTheSame } from '../../test/support/each-language.ts'
import {
  type Agreeing,
  capital,
  counted,
  cut,
  joined,
  lasting,
  listed,
  NOTHING,
  type Noun,
  named,
  same,
  sentence,
  share,
} from './sentence.ts'

const ADDRESSES: Noun = { en: ['address', 'addresses'], sv: ['adress', 'adresser'] }

test('a sentence says the same values in every language, whatever they hold', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(),
      fc.array(fc.string()),
      fc.integer({ min: 1, max: 999 }),
      (some, all, names, days) => {
        const said = sentence(
          {
            en: '{share}: {names}, for another {left} ({all})',
            sv: '{share}: {names}, i {left} till ({all})',
          },
          {
            share: share(some, all, ADDRESSES),
            names: listed(names, 3),
            left: lasting(`P${days}D`),
            all,
          },
        )
        const digits = (text: string) => [...text.replace(/\D/g, '')].sort().join('')
        assert.equal(digits(said.en), digits(said.sv))
        for (const name of names.slice(0, 3)) assert.ok(said.en.includes(name) && said.sv.includes(name))
      },
    ),
  )
})

test('what is filled in is not read again', () => {
  const said = sentence({ en: '{a} and {b}', sv: '{a} och {b}' }, { a: '{b}', b: '$&' })
  assert.deepEqual(said, { en: '{b} and $&', sv: '{b} och $&' })
})

test('one is singular, any other number plural', () => {
  assert.deepEqual(counted(1, ADDRESSES), { en: '1 address', sv: '1 adress' })
  assert.deepEqual(share(0, 2, ADDRESSES), { en: '0 of 2 addresses', sv: '0 av 2 adresser' })
  assert.deepEqual(share(1, 1, ADDRESSES), { en: '1 of 1 address', sv: '1 av 1 adress' })
  assert.deepEqual(named(0, ADDRESSES), { en: 'addresses', sv: 'adresser' })
})

test('durations and long numbers are said as each language says them', () => {
  assert.deepEqual(lasting('P14D'), { en: '14 days', sv: '14 dagar' })
  assert.deepEqual(counted(12345, ADDRESSES), { en: '12,345 addresses', sv: '12\u00a0345 adresser' })
})

test('lists name some and count the others; what says nothing is left out', () => {
  assert.deepEqual(listed(['a', 'b', 'c'], 2), { en: 'a, b and 1 more', sv: 'a, b och 1 till' })
  assert.deepEqual(listed(['a', 'b'], 2), same('a, b'))
  assert.deepEqual(joined([NOTHING, same('a'), 'b']), same('a b'))
  assert.deepEqual(capital({ en: 'every', sv: 'även' }), { en: 'Every', sv: 'Även' })
  assert.deepEqual(cut(same('abc'), 2), same('ab'))
  assertSaysTheSame(listed(['a', 'b', 'c'], 2))
})

test('a language that leaves a value out does not compile', () => {
  type Compiles<En extends string, Sv extends string> = [Agreeing<En, Sv>] extends [never] ? false : true
  const leavesOut: Compiles<'{a} {b}', '{a}'> = false
  const adds: Compiles<'{a}', '{a} {b}'> = false
  const agrees: Compiles<'{a} {b}', '{b}: {a}'> = true
  assert.deepEqual([leavesOut, adds, agrees], [false, false, true])
})
