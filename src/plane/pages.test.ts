import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { addPerson, startPlane } from '../../test/support/plane.ts'
import { makeSignInLink } from '../access/sign-in.ts'
import { deviceOf } from './device.ts'

const plane = await startPlane()
after(() => plane.stop())
const host = 'console.borgen.localhost:8443'
const origin = `https://${host}`
const form = { 'content-type': 'application/x-www-form-urlencoded' }
// What browsers send from a form on a page that gives no referrer.
const fromOurForm = { host, origin: 'null', 'sec-fetch-site': 'same-origin', ...form }
const get = (url: string, headers: Record<string, string> = {}) =>
  plane.app.inject({ url, headers: { host, accept: 'text/html', ...headers } })

describe('the forms of the console', () => {
  const link = async () => {
    const person = await addPerson(plane, 'operator', `${crypto.randomUUID()}@example.test`)
    return `/sign-in/${await makeSignInLink(plane.server.db, { person, maker: { kind: 'process', id: 'test' }, now: plane.clock.now() })}`
  }
  const post = (url: string, headers: Record<string, string>) =>
    plane.app.inject({ method: 'POST', url, headers, payload: '' })

  test('sign in and out as a browser sends them', async () => {
    const answer = await post(await link(), fromOurForm)
    assert.equal(answer.statusCode, 303, answer.body)
    const cookie = String(answer.headers['set-cookie']).split(';')[0]!
    const status = async () => (await get('/v1/status', { cookie })).statusCode
    assert.equal(await status(), 200)
    assert.equal((await post('/sign-out', { ...fromOurForm, cookie })).statusCode, 303)
    assert.equal(await status(), 401)
  })

  test('are refused from anybody else’s page', async () => {
    const url = await link()
    for (const site of ['cross-site', 'same-site', 'none', ''])
      assert.equal((await post(url, { ...fromOurForm, 'sec-fetch-site': site })).statusCode, 403, site)
    assert.equal((await post(url, { ...fromOurForm, origin: 'https://evil.test' })).statusCode, 403)
  })

  test('are the only ones: no route of the API takes what a form can send', async () => {
    const headers = { ...(await plane.tokenOf('owner')), host, ...form }
    for (const url of ['/v1/accounts', '/v1/tokens', '/sign-in/passkey'])
      assert.equal((await post(url, { ...headers, origin })).statusCode, 415, url)
  })
})

test('every page forbids inline scripts, frames, sniffing and referrers, on each name', async () => {
  for (const name of ['console', 'trust', 'portal'])
    for (const path of ['/', '/nothing/here']) {
      const { headers, statusCode } = await get(path, { host: `${name}.borgen.localhost:8443` })
      assert.equal(statusCode, path === '/' ? 200 : 404)
      assert.match(String(headers['content-security-policy']), /^default-src 'none'; style-src 'self'/)
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|\*/)
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['referrer-policy'], 'no-referrer')
      assert.match(String(headers['permissions-policy']), /camera=\(\).*publickey-credentials-get=\(self\)/)
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
    }
})

test('a program that asks for what is not there gets a problem document', async () => {
  const answer = await get('/nothing', { accept: 'application/json' })
  assert.equal(answer.statusCode, 404)
  assert.match(String(answer.headers['content-type']), /problem\+json/)
})

test('pages are whole with the files they name', async () => {
  const page = (await get('/')).body
  const named = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!)
  const css = (await get('/assets/console.css')).body
  const faces = [...css.matchAll(/url\("([^"]+)"\)/g)].map(([, path]) => path!)
  assert.ok(named.length >= 2 && faces.length >= 3)
  for (const path of [...named, ...faces]) assert.equal((await get(path)).statusCode, 200, path)
})

test('a passkey is called as a person would call its device', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36'
  assert.equal(deviceOf(chrome), 'Chrome on Linux')
  assert.equal(deviceOf(chrome.replace('Linux', 'Android 16; Linux')), 'Chrome on Android')
  assert.equal(deviceOf('curl/8'), 'A browser')
})
