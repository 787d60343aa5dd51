import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cookieNameOf, staysWithHost } from './cookie-domain.ts'

const host = 'acme.eu-frankfurt.apps.localhost'

const stays = [
  'a=1',
  'a=1; Path=/; Secure; HttpOnly',
  `a=1; Domain=${host}`,
  `a=1; domain = .${host.toUpperCase()}`,
  'a=1; Domain=',
  'a=1; Domain',
  'a=Domain=apps.localhost',
  'a=1; NotDomain=apps.localhost',
]
const leaves = [
  'a=1; Domain=apps.localhost',
  'a=1; Domain=.apps.localhost',
  'a=1; Domain=eu-frankfurt.apps.localhost',
  'a=1;DOMAIN=localhost',
  'a=1; Domain=globex.eu-frankfurt.apps.localhost',
  `a=1; Domain=x.${host}`,
  'a=1; Domain=.',
  'a=1; Domain="apps.localhost"',
  `a=1; Domain=${host}; Domain=apps.localhost`,
  `a=1; Domain=apps.localhost; Domain=${host}`,
  'a=1;\tDomain\t=\tapps.localhost',
  'a=1; Domain=apps.localhost.',
  '; Domain=apps.localhost',
  'Domain=x; Domain=apps.localhost',
]
for (const value of stays) test(`stays: ${value}`, () => assert.equal(staysWithHost(value, host), true))
for (const value of leaves)
  test(`is refused: ${value}`, () => assert.equal(staysWithHost(value, host), false))

test('a cookie that a browser would send to another host is never let through', () => {
  const label = fc.stringMatching(/^[a-z0-9]{1,6}$/)
  const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'))
  const space = fc.constantFrom('', ' ', '\t', '  ')
  const casing = fc.constantFrom('Domain', 'domain', 'DOMAIN', 'dOmAiN')
  const noise = fc.array(fc.constantFrom('Path=/', 'Secure', 'HttpOnly', 'x', ''), { maxLength: 3 })
  fc.assert(
    fc.property(
      name,
      name,
      space,
      casing,
      noise,
      noise,
      fc.boolean(),
      (own, domain, gap, key, before, after, dot) => {
        const parts = [
          'a=1',
          ...before,
          `${gap}${key}${gap}=${gap}${dot ? '.' : ''}${domain}${gap}`,
          ...after,
        ]
        assert.equal(staysWithHost(parts.join(';'), own), domain === own)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('the record names the cookie and never holds its value', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const name = cookieNameOf(`sid=${text}; Domain=apps.localhost`)
      assert.equal(name, 'sid')
    }),
  )
  assert.equal(cookieNameOf('secret'), '')
})
