import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { signUpSchema, slugFor, trialEnd } from './model.ts'

test('names become host labels that people recognise', () => {
  assert.equal(slugFor('Åkes Bygg AB', []), 'akes-bygg-ab')
  assert.equal(slugFor('Straße & Søn', []), 'strasse-son')
  assert.equal(slugFor('3M', []), 'm')
  assert.equal(slugFor('株式会社', []), 'customer')
  assert.equal(slugFor('Acme', ['acme', 'acme-2']), 'acme-3')
})

test('every name becomes a label that the database and DNS take', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
      assert.match(slugFor(name, []), /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/)
    }),
  )
})

test('a trial ends after whole calendar days where the customer lives', () => {
  const lateEvening = Date.parse('2026-11-23T23:30:00Z')
  assert.equal(trialEnd(lateEvening, 'Europe/London'), '2026-12-07')
  assert.equal(trialEnd(lateEvening, 'Asia/Tokyo'), '2026-12-08')
})

test('a sign-up with unknown fields, control characters or a wrong country is refused', () => {
  const good = { company: 'Acme', email: 'ann@acme.test', country: 'SE' }
  assert.equal(signUpSchema.safeParse(good).success, true)
  for (const bad of [
    { ...good, role: 'owner' },
    { ...good, company: 'a\u0000b' },
    { ...good, company: ' ' },
    { ...good, country: 'se' },
    { ...good, region: 'mars' },
    { ...good, email: 'ann' },
  ])
    assert.equal(signUpSchema.safeParse(bad).success, false, JSON.stringify(bad))
})
