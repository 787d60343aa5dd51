import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseHost, REGIONS, routeOf, zoneOf, zonesOf } from './host.ts'

const domains = { planeDomain: 'borgen.localhost', appsDomain: 'apps.localhost' }

const refused = [
  '',
  '.',
  'a..b',
  '-a.b',
  'a-.b',
  'a.b:',
  'a.b:0',
  'a.b:65536',
  'a.b:80:80',
  'a.b:8a',
  'a.b: 80',
  'user@a.b',
  'a.b/c',
  'a b',
  '127.0.0.1',
  '[::1]',
  '[::1]:443',
  'a_b.c',
  'å.se',
  'a.b\u0000',
  'a.b..',
  '%61.b',
  `${'a'.repeat(64)}.b`,
  `${'a.'.repeat(127)}b`,
]

for (const text of refused)
  test(`the host ${JSON.stringify(text.slice(0, 40))} is refused`, () => assert.equal(parseHost(text), null))

test('a host is read without regard to case and final dot', () => {
  assert.deepEqual(parseHost('Console.Borgen.LOCALHOST.:8443'), {
    name: 'console.borgen.localhost',
    port: 8443,
  })
  assert.deepEqual(parseHost('a.b'), { name: 'a.b', port: null })
})

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/)

test('whatever is read as a host is a lower-case DNS name, and reads as itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9.:-]*$/)), (text) => {
      const host = parseHost(text)
      if (host === null) return
      assert.match(host.name, /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/)
      assert.deepEqual(parseHost(host.name), { name: host.name, port: null })
    }),
    { numRuns: 2_000 },
  )
})

test('every account in every region has a route in a zone that is certified; nothing else below the domains has', () => {
  fc.assert(
    fc.property(label, fc.constantFrom(...REGIONS), label, (account, region, more) => {
      const name = `${account}.${region}.apps.localhost`
      assert.deepEqual(routeOf(name, domains), { kind: 'instance', name, account, region })
      assert.ok(zonesOf(domains).includes(zoneOf(name)))
      assert.equal(routeOf(`${more}.${name}`, domains), null)
      assert.equal(routeOf(`${region}.apps.localhost`, domains), null)
      assert.equal(routeOf(`${account}.${region}x.apps.localhost`, domains), null)
      assert.equal(routeOf(`${account}.${region}.evilapps.localhost`, domains), null)
    }),
  )
})

test('the plane answers to its four faces only', () => {
  for (const face of ['console', 'portal', 'trust', 'api'])
    assert.equal(routeOf(`${face}.borgen.localhost`, domains)?.kind, 'plane')
  for (const name of [
    'borgen.localhost',
    'x.borgen.localhost',
    'a.console.borgen.localhost',
    'console.apps.localhost',
  ])
    assert.equal(routeOf(name, domains), null)
})
