import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { languageOf, renderNotice } from './pages.ts'

test('Swedish is spoken to who wants it more than English', () => {
  const table: [string, string][] = [
    ['', 'en'],
    ['sv', 'sv'],
    ['sv-FI, en;q=0.9', 'sv'],
    ['en, sv;q=0.9', 'en'],
    ['de, sv;q=0.3', 'sv'],
    ['svx', 'en'],
    ['sv;q=0', 'en'],
    ['sv;q=nonsense', 'en'],
    [',;,;q=', 'en'],
  ]
  for (const [header, language] of table) assert.equal(languageOf(header), language, header)
})

test('a page runs nothing, fetches nothing, and its policy lets its own style through', () => {
  const reader = { accept: 'text/html', acceptLanguage: '', host: 'a.b' }
  const { fields, body } = renderNotice({ status: 503, about: 'waking' }, reader)
  const page = body.toString()
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? ''
  const policy = fields[fields.indexOf('content-security-policy') + 1]!
  assert.ok(policy.includes(`'sha256-${createHash('sha256').update(style).digest('base64')}'`))
  assert.match(policy, /default-src 'none'/)
  assert.doesNotMatch(page, /<script|<link|src=|url\(|\son[a-z]+=|style="/)
})

test('no reason and no host can write into the page', () => {
  const nasty = fc.oneof(fc.string(), fc.constantFrom('<script>', '"><img src=x>', "'&", '</style>'))
  const [empty] = ['', ''].map((text) => tags(text, text))
  fc.assert(
    fc.property(nasty, nasty, (reason, host) => {
      assert.deepEqual(tags(`x${reason}`, host), tags('x', 'a.b'))
    }),
  )
  assert.ok(empty!.length > 5)
})

function tags(reason: string, host: string): string[] {
  const reader = { accept: 'text/html', acceptLanguage: 'sv', host }
  const page = renderNotice({ status: 403, about: 'suspended', reason }, reader).body.toString()
  return page.match(/<[^>]*>/g) ?? []
}
