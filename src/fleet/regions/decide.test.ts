import assert from 'node:assert/strict'
import { test } from 'node:test'
import { proposeRegion, reasonOf } from './decide.ts'

for (const [country, region] of [
  ['SE', 'eu-frankfurt'],
  ['DE', 'eu-frankfurt'],
  ['IE', 'eu-ireland'],
  ['GB', 'uk'],
  ['US', 'us'],
  ['AU', 'australia'],
  ['SG', 'singapore'],
  ['JP', 'japan'],
  ['IN', 'india'],
] as const)
  test(`a customer from ${country} is proposed ${region}`, () => {
    assert.equal(proposeRegion(country).region, region)
  })

test('a country without a region gets no proposal instead of a guess', () => {
  assert.equal(proposeRegion('AQ').region, undefined)
  assert.match(proposeRegion('AQ').reason, /choose/)
})

test('an account page says why its data lie where they lie', () => {
  assert.match(reasonOf('eu-frankfurt', 'SE').en, /European Economic Area/)
  assert.match(reasonOf('us', 'SE').sv, /föreslås eu-frankfurt; us valdes/)
  assert.match(reasonOf('japan', 'AQ').en, /by hand/)
  assert.match(reasonOf('japan', 'JP').en, /the region for JP/)
})
