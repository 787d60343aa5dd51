import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { addPerson, startPlane } from '../../test/support/plane.ts'
import { cookieOf, SESSION_COOKIE } from './authenticate.ts'
import { newSecretToken } from './secret-token.ts'
import { openSession } from './sign-in.ts'
import { endSession } from './store.ts'

const HOUR_MS = 3_600_000
const plane = await startPlane()
after(() => plane.stop())
const console_ = 'https://console.borgen.localhost:8443'

const ask = async (headers: Record<string, string>) =>
  (await plane.app.inject({ url: '/v1/accounts', headers })).statusCode
const send = async (headers: Record<string, string>) =>
  (
    await plane.app.inject({
      method: 'POST',
      url: '/v1/tokens',
      headers,
      payload: { name: 'x', scopes: ['status.read'] },
    })
  ).statusCode
const cookieFor = async (person: string) => ({
  cookie: `${SESSION_COOKIE}=${await openSession(plane.server.db, { person, method: 'link', behind: [], now: plane.clock.now() })}`,
})

describe('a token', () => {
  test('is known until it is revoked', async () => {
    const owner = await plane.tokenOf('owner')
    const made = await plane.app.inject({
      method: 'POST',
      url: '/v1/tokens',
      headers: owner,
      payload: { name: 'x', scopes: ['*'] },
    })
    const { id, token } = made.json() as { id: string; token: string }
    const headers = { authorization: `Bearer ${token}` }
    assert.equal(await ask(headers), 200)
    assert.equal(
      (await plane.app.inject({ method: 'DELETE', url: `/v1/tokens/${id}`, headers: owner })).statusCode,
      200,
    )
    assert.equal(await ask(headers), 401)
  })

  test('is known until it is too old', async () => {
    const made = await plane.app.inject({
      method: 'POST',
      url: '/v1/tokens',
      headers: await plane.tokenOf('owner'),
      payload: { name: 'x', scopes: ['*'], days: 1 },
    })
    const headers = { authorization: `Bearer ${(made.json() as { token: string }).token}` }
    plane.clock.advance(24 * HOUR_MS - 1)
    assert.equal(await ask(headers), 200)
    plane.clock.advance(1)
    assert.equal(await ask(headers), 401)
  })

  test('is nowhere in the database, nor in what lists show', async () => {
    const headers = await plane.tokenOf('owner')
    const secret = headers.authorization!.slice('Bearer '.length)
    const { rows } = await plane.admin.pool.query(`select t::text as text from access.tokens t`)
    assert.ok(rows.every((row) => !row.text.includes(secret)))
    assert.ok(!(await plane.app.inject({ url: '/v1/tokens', headers })).body.includes(secret))
  })

  test('never makes one that may more than itself', async () => {
    const make = async (headers: Record<string, string>, payload: object) =>
      (
        await plane.app.inject({
          method: 'POST',
          url: '/v1/tokens',
          headers,
          payload: { name: 'x', ...payload },
        })
      ).statusCode
    const narrow = await plane.tokenOf('operator', ['token.*', 'instance.read'])
    assert.equal(await make(narrow, { scopes: ['instance.read'] }), 201)
    for (const payload of [
      { scopes: ['*'] },
      { scopes: ['instance.*'] },
      { scopes: ['instance.wake'] },
      { scopes: ['instance.read'], role: 'owner' },
    ])
      assert.equal(await make(narrow, payload), 403, JSON.stringify(payload))
  })

  test('of another form is no token', async () => {
    const good = (await plane.tokenOf('owner')).authorization!
    for (const authorization of [
      '',
      'Bearer',
      good.replace('Bearer', 'bearer'),
      `${good}x`,
      good.slice(0, -1),
      `${good}, ${good}`,
      `Bearer ${newSecretToken('bgn')}`,
      `Basic ${good.slice(7)}`,
      `Bearer ${"' or 1=1--".padEnd(30, 'a')}`,
    ])
      assert.equal(await ask({ authorization }), 401, authorization)
  })
})

describe('a session', () => {
  test('looks with its cookie, and changes only from the console itself', async () => {
    const cookie = await cookieFor(await addPerson(plane, 'owner'))
    assert.equal(await ask(cookie), 200)
    assert.equal(await send({ ...cookie, origin: console_ }), 201)
    const foreign = [
      'null',
      'https://evil.test',
      'http://console.borgen.localhost:8443',
      'https://console.borgen.localhost',
      'https://acme.eu-frankfurt.apps.localhost:8443',
      `${console_}.evil.test`,
    ]
    for (const origin of foreign) assert.equal(await send({ ...cookie, origin }), 403, origin)
    assert.equal(await send(cookie), 403)
  })

  test('ends after twelve hours, by signing out, and with the person', async () => {
    const person = await addPerson(plane, 'operator')
    const old = await cookieFor(person)
    plane.clock.advance(12 * HOUR_MS - 1)
    assert.equal(await ask(old), 200)
    plane.clock.advance(1)
    assert.equal(await ask(old), 401)

    const ended = await cookieFor(person)
    const { rows } = await plane.admin.pool.query('select id from access.sessions where ended_at is null')
    for (const row of rows) await endSession(plane.server.db, row.id, plane.clock.now())
    assert.equal(await ask(ended), 401)

    const disabled = await cookieFor(person)
    assert.equal(await ask(disabled), 200)
    await plane.admin.pool.query('update access.people set disabled_at = 1 where id = $1', [person])
    assert.equal(await ask(disabled), 401)
  })

  test('has the role that the person has now', async () => {
    const person = await addPerson(plane, 'owner', 'demoted@example.test')
    const headers = { ...(await cookieFor(person)), origin: console_ }
    assert.equal(await send(headers), 201)
    await plane.admin.pool.query(`update access.people set role = 'auditor' where id = $1`, [person])
    assert.equal(await send(headers), 403)
  })

  test('is never taken from a bearer header, nor a token from a cookie', async () => {
    const session = (await cookieFor(await addPerson(plane, 'owner', 'other@example.test'))).cookie.split(
      '=',
    )[1]!
    assert.equal(await ask({ authorization: `Bearer ${session}` }), 401)
    const token = (await plane.tokenOf('owner')).authorization!.slice('Bearer '.length)
    assert.equal(await ask({ cookie: `${SESSION_COOKIE}=${token}` }), 401)
  })
})

test('a cookie is found by its whole name, the first one of that name', () => {
  assert.equal(cookieOf('a=1; __Host-borgen=two; b=3', SESSION_COOKIE), 'two')
  assert.equal(cookieOf('x__Host-borgen=1; __Host-borgenx=2', SESSION_COOKIE), undefined)
  assert.equal(cookieOf('__Host-borgen=1; __Host-borgen=2', SESSION_COOKIE), '1')
  assert.equal(cookieOf(undefined, SESSION_COOKIE), undefined)
  assert.equal(cookieOf(';;=;__Host-borgen', SESSION_COOKIE), undefined)
})
