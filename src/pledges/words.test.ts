import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REGISTER } from '../register.ts'
import { HEADINGS, LANGUAGES } from './pledge.ts'
import { isDuration, secondsOf } from './units.ts'
import { say, sayDuration, sayEvery, slotsOf, textOf } from './words.ts'

test('the register has 34 promises, numbered, with names of their own', () => {
  assert.deepEqual(
    REGISTER.map((pledge) => pledge.number),
    Array.from({ length: 34 }, (_, at) => at + 1),
  )
  assert.equal(new Set(REGISTER.map((pledge) => pledge.id)).size, 34)
  for (const heading of HEADINGS) assert.ok(REGISTER.some((pledge) => pledge.heading === heading))
})

for (const pledge of REGISTER)
  test(`${pledge.id}: both languages say the same values, and every value is said`, () => {
    const names = Object.keys(pledge.parameters).sort()
    for (const language of LANGUAGES)
      assert.deepEqual([...new Set(slotsOf(pledge.says[language]))].sort(), names)
    const values = Object.fromEntries(names.map((name) => [name, pledge.parameters[name]!.default]))
    for (const language of LANGUAGES) {
      const text = textOf(say(pledge, values, language))
      assert.match(text, /^\p{Lu}.*\.$/u)
      assert.doesNotMatch(text, /[{}]|undefined|P\d|PT\d/)
    }
    for (const parameter of Object.values(pledge.parameters))
      if (parameter.unit === 'duration') assert.ok(isDuration(parameter.default))
    assert.ok(secondsOf(pledge.every) > 0)
    assert.ok(Object.keys(pledge.parts).length > 0)
    assert.ok(pledge.controls.iso27001.length > 0)
    assert.equal(pledge.contradiction?.(values as never), undefined)
  })

test('durations are said as people say them', () => {
  for (const [duration, en, sv] of [
    ['P90D', '90 days', '90 dagar'],
    ['P1D', '1 day', '1 dag'],
    ['PT8H', '8 hours', '8 timmar'],
    ['P7Y', '7 years', '7 år'],
    ['PT1H30M', '1 hour, 30 minutes', '1 timme, 30 minuter'],
  ] as const)
    assert.deepEqual([sayDuration(duration, 'en'), sayDuration(duration, 'sv')], [en, sv])
  for (const [duration, en, sv] of [
    ['P1Y', 'every year', 'varje år'],
    ['P30D', 'every 30 days', 'var 30:e dag'],
    ['P2D', 'every 2 days', 'var 2:a dag'],
    ['PT12H', 'every 12 hours', 'var 12:e timme'],
    ['PT21M', 'every 21 minutes', 'var 21:a minut'],
  ] as const)
    assert.deepEqual([sayEvery(duration, 'en'), sayEvery(duration, 'sv')], [en, sv])
})
