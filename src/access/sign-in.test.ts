import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { createAuthenticator } from '../../test/support/authenticator.ts'
import { addPerson, startPlane } from '../../test/support/plane.ts'
import type { Actor } from './actor.ts'
import { makeSignInLink } from './sign-in.ts'

const HOUR_MS = 3_600_000
const plane = await startPlane()
after(() => plane.stop())
const [origin, rpId] = ['https://console.borgen.localhost:8443', 'console.borgen.localhost']
const host = 'console.borgen.localhost:8443'

const open = (url: string, headers: Record<string, string> = {}) =>
  plane.app.inject({ url, headers: { host, ...headers } })
const post = (url: string, headers: Record<string, string> = { origin }, payload?: object) =>
  plane.app.inject({ method: 'POST', url, headers: { host, ...headers }, ...(payload ? { payload } : {}) })
const cookieIn = (answer: { headers: Record<string, unknown> }) =>
  String(answer.headers['set-cookie'] ?? '').split(';')[0]!
const newLink = async (person: string, maker: Actor = { kind: 'process', id: 'test' }) =>
  `/sign-in/${await makeSignInLink(plane.server.db, { person, maker, now: plane.clock.now() })}`
const typesSince = async (before: number) =>
  (await plane.log.entries()).slice(before).map((entry) => entry.type)
let people = 0
const newPerson = () => addPerson(plane, 'operator', `person-${people++}@example.test`)

describe('a one-time link', () => {
  test('signs in once, with a cookie that only this host gets, over HTTPS, never a script', async () => {
    const link = await newLink(await newPerson())
    const before = (await plane.log.entries()).length
    const answer = await post(link)
    assert.equal(answer.statusCode, 303)
    assert.match(
      String(answer.headers['set-cookie']),
      /^__Host-borgen=bgs_[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200$/,
    )
    assert.equal((await open('/v1/me', { cookie: cookieIn(answer) })).statusCode, 200)
    assert.deepEqual(await typesSince(before), ['person.sign-in-attempted', 'person.signed-in'])
    assert.equal((await post(link)).statusCode, 401)
  })

  test('used twenty times at once signs in once', async () => {
    const link = await newLink(await newPerson())
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(link)))
    assert.deepEqual(answers.map((one) => one.statusCode).sort(), [303, ...Array(19).fill(401)])
  })

  test('is not used up by looking at it', async () => {
    const link = await newLink(await newPerson())
    for (let i = 0; i < 3; i++) assert.equal((await open(link)).statusCode, 200)
    assert.equal((await post(link)).statusCode, 303)
  })

  test('is worthless after a day, and for whoever was disabled', async () => {
    const person = await newPerson()
    const [old, other] = [await newLink(person), await newLink(person)]
    plane.clock.advance(24 * HOUR_MS)
    assert.equal((await post(old)).statusCode, 401)
    assert.equal((await post(other)).statusCode, 401)
    const fresh = await newLink(person)
    await plane.admin.pool.query('update access.people set disabled_at = 1 where id = $1', [person])
    assert.equal((await post(fresh)).statusCode, 401)
  })

  test('works from the console’s own page alone', async () => {
    const link = await newLink(await newPerson())
    for (const headers of [{}, { origin: 'https://evil.test' }, { origin: 'null' }])
      assert.equal((await post(link, headers)).statusCode, 403)
    assert.equal(
      (
        await plane.app.inject({
          method: 'POST',
          url: link,
          headers: { host: 'trust.borgen.localhost:8443', origin },
        })
      ).statusCode,
      404,
    )
    assert.equal((await post(link)).statusCode, 303)
  })

  test('is not used up while the log is down', async () => {
    const link = await newLink(await newPerson())
    await plane.log.down()
    assert.equal((await post(link)).statusCode, 503)
    await plane.log.up()
    assert.equal((await post(link)).statusCode, 303)
  })

  test('stands nowhere: not in the database, not in the log', async () => {
    const link = await newLink(await newPerson())
    await post(link)
    const { rows } = await plane.admin.pool.query('select l::text as text from access.sign_in_links l')
    const secret = link.split('/').at(-1)!
    assert.ok(rows.every((row) => !row.text.includes(secret)))
    assert.ok(!JSON.stringify(await plane.log.entries()).includes(secret))
  })
})

test('signing out ends the session, also while the log is down', async () => {
  const cookie = cookieIn(await post(await newLink(await newPerson())))
  assert.equal((await post('/sign-out', { cookie })).statusCode, 403)
  await plane.log.down()
  const out = await post('/sign-out', { origin, cookie })
  await plane.log.up()
  assert.equal(out.statusCode, 303)
  assert.match(String(out.headers['set-cookie']), /Max-Age=0/)
  assert.equal((await open('/v1/me', { cookie })).statusCode, 401)
})

describe('a passkey', () => {
  const sessionOf = async (person: string, maker?: Actor) => ({
    origin,
    cookie: cookieIn(await post(await newLink(person, maker))),
  })
  const signedIn = async () => sessionOf(await newPerson())
  const challengeOf = async (url: string, headers: Record<string, string> = { origin }) =>
    (await post(url, headers)).json().challenge as string
  const begin = async (headers: Record<string, string>) => (await post('/passkeys/begin', headers)).json()
  const registering = async (headers: Record<string, string>): Promise<string> =>
    (await begin(headers)).registration.challenge
  const add = async (
    headers: Record<string, string>,
    said: Partial<{ origin: string; rpId: string }> = {},
  ) => {
    const passkey = createAuthenticator()
    const challenge = await registering(headers)
    const credential = passkey.register({ origin, rpId, challenge, ...said })
    const answer = await post('/passkeys', headers, { credential })
    return { passkey, status: answer.statusCode }
  }
  const signIn = async (
    passkey: ReturnType<typeof createAuthenticator>,
    said: Partial<{ origin: string; rpId: string; challenge: string }> = {},
  ) =>
    post(
      '/sign-in/passkey',
      { origin },
      passkey.signIn({ origin, rpId, challenge: await challengeOf('/sign-in/passkey/begin'), ...said }),
    )

  test('is added by who is signed in, and signs in', async () => {
    const before = (await plane.log.entries()).length
    const { passkey, status } = await add(await signedIn())
    assert.equal(status, 200)
    const answer = await signIn(passkey)
    assert.equal(answer.statusCode, 200)
    assert.equal((await open('/v1/me', { cookie: cookieIn(answer) })).statusCode, 200)
    assert.deepEqual((await typesSince(before)).slice(2), [
      'person.passkey-intended',
      'person.passkey-added',
      'person.sign-in-attempted',
      'person.signed-in',
    ])
  })

  test('of another origin, another host, or nobody’s session is not taken', async () => {
    const headers = await signedIn()
    assert.equal((await add(headers, { origin: 'https://evil.test' })).status, 401)
    assert.equal((await add(headers, { rpId: 'evil.test' })).status, 401)
    assert.equal((await post('/passkeys/begin')).statusCode, 401)
    const { passkey } = await add(headers)
    for (const said of [{ origin: 'https://evil.test' }, { rpId: 'borgen.localhost' }, { challenge: 'AAAA' }])
      assert.equal((await signIn(passkey, said)).statusCode, 401, JSON.stringify(said))
    assert.equal((await signIn(createAuthenticator())).statusCode, 401)
  })

  test('answers each challenge once, in time, for the person it was made for', async () => {
    const [one, other] = [await signedIn(), await signedIn()]
    const passkey = createAuthenticator()
    const challenge = await registering(one)
    assert.equal(
      (await post('/passkeys', other, { credential: passkey.register({ origin, rpId, challenge }) }))
        .statusCode,
      401,
    )
    const { passkey: added } = await add(one)
    const again = await challengeOf('/sign-in/passkey/begin')
    assert.equal((await signIn(added, { challenge: again })).statusCode, 200)
    assert.equal((await signIn(added, { challenge: again })).statusCode, 401)
    const late = await challengeOf('/sign-in/passkey/begin')
    plane.clock.advance(5 * 60_000)
    assert.equal((await signIn(added, { challenge: late })).statusCode, 401)
  })

  test('is added to those one has by touching one of them, in the same session, or by a link of the host’s', async () => {
    const person = await newPerson()
    const other = { kind: 'person', id: await newPerson(), role: 'owner', behind: ['per_x'] } as const
    const { passkey: first } = await add(await sessionOf(person, other))
    const cookie = cookieIn(await signIn(first))
    const [own, stranger, elsewhere] = [
      { origin, cookie },
      await sessionOf(person, other),
      await sessionOf(person, other),
    ]
    const finish = async (
      headers: Record<string, string>,
      touch: (challenge: string) => object | undefined,
      begun?: Awaited<ReturnType<typeof begin>>,
    ) => {
      const { registration, proof } = begun ?? (await begin(headers))
      const credential = createAuthenticator().register({ origin, rpId, challenge: registration.challenge })
      return (await post('/passkeys', headers, { credential, proof: touch(proof.challenge) })).statusCode
    }
    const touched = (challenge: string) => first.signIn({ origin, rpId, challenge })
    for (const headers of [own, stranger]) {
      assert.equal(await finish(headers, () => undefined), 403)
      assert.equal(
        await finish(headers, (challenge) => createAuthenticator().signIn({ origin, rpId, challenge })),
        401,
      )
      assert.equal(await finish(headers, () => touched('AAAA')), 401)
    }
    const signing = await challengeOf('/sign-in/passkey/begin')
    assert.equal(await finish(stranger, () => touched(signing)), 401)
    const theirs = (await begin(elsewhere)).proof.challenge
    assert.equal(await finish(stranger, () => touched(theirs)), 401)
    assert.equal(await finish(stranger, touched, await begin(elsewhere)), 401)
    assert.equal(await finish(own, touched), 200)
    const host = await sessionOf(person)
    assert.equal((await begin(host)).proof, null)
    assert.equal((await add(host)).status, 200)
    const { rows } = await plane.admin.pool.query(
      'select behind from access.passkeys where person = $1 order by created_at, cardinality(behind) desc',
      [person],
    )
    assert.deepEqual(
      rows.map((row) => row.behind),
      [['per_x'], ['per_x'], []],
    )
  })

  test('whose counter goes back is a copy, and refused', async () => {
    const { passkey } = await add(await signedIn())
    assert.equal((await signIn(passkey)).statusCode, 200)
    passkey.rewind()
    assert.equal((await signIn(passkey)).statusCode, 401)
  })

  test('asked for and never made leaves nothing behind', async () => {
    const count = async () => (await plane.admin.pool.query('select * from access.challenges')).rows.length
    for (let i = 0; i < 5; i++) await challengeOf('/sign-in/passkey/begin')
    plane.clock.advance(5 * 60_000)
    await challengeOf('/sign-in/passkey/begin')
    assert.equal(await count(), 1)
  })

  test('garbage is refused as such', async () => {
    for (const payload of [
      {},
      { id: 1 },
      { id: 'a', response: {} },
      { id: 'a', response: { clientDataJSON: 'ÿ' } },
      { id: 'a', response: { clientDataJSON: 'e30' } },
    ])
      assert.ok(
        [400, 401].includes((await post('/sign-in/passkey', { origin }, payload)).statusCode),
        JSON.stringify(payload),
      )
  })
})
