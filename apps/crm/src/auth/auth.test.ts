import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ADMIN, createCaller, startCrm, type TestCrm } from '../testing/crm.ts'
import { MAX_FAILURES } from './rate-limit.ts'

let crm: TestCrm
before(async () => {
  crm = await startCrm()
})
after(() => crm.stop())

test('signing in gives a bearer token and a cookie, and either one opens the API', async () => {
  const answer = await crm.anonymous.post('/api/sign-in', ADMIN)
  assert.equal(answer.status, 200)
  assert.equal(answer.body.user.email, ADMIN.email)
  const cookie = answer.headers.get('set-cookie')!
  assert.match(cookie, /^crm=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
  const byCookie = await crm.anonymous.call('GET', '/api/contacts', undefined, {
    cookie: cookie.split(';')[0]!,
  })
  assert.equal(byCookie.status, 200)
  const byToken = await createCaller(crm.server.address, answer.body.token).get('/api/contacts')
  assert.equal(byToken.status, 200)
})

test('the database holds no password and no token', async () => {
  const rows = JSON.stringify(await crm.sql('select * from users, sessions'))
  assert.ok(!rows.includes(ADMIN.password))
  assert.ok(!rows.includes(crm.admin.token!))
})

test('a wrong password and an unknown address get the same answer', async () => {
  const wrong = await crm.anonymous.post('/api/sign-in', { email: ADMIN.email, password: 'not this one' })
  const unknown = await crm.anonymous.post('/api/sign-in', {
    email: 'nobody@example.com',
    password: 'not this one',
  })
  assert.equal(wrong.status, 401)
  assert.deepEqual({ ...wrong.body, requestId: 0 }, { ...unknown.body, requestId: 0 })
})

test('too many failures for one address are refused, even with the right password then', async () => {
  const member = await crm.member('Rate Limited')
  const email = 'rate.limited@example.com'
  for (let i = 0; i < MAX_FAILURES.account; i++) {
    await crm.anonymous.post('/api/sign-in', { email, password: `guess ${i}` })
  }
  const right = await crm.anonymous.post('/api/sign-in', { email, password: 'a long enough password' })
  assert.equal(right.status, 429)
  assert.equal(right.headers.get('retry-after'), '900')
  assert.equal((await member.get('/api/contacts')).status, 200, 'who is signed in already stays so')
  await crm.sql("update sign_in_failures set at = at - interval '16 minutes'")
  assert.equal(
    (await crm.anonymous.post('/api/sign-in', { email, password: 'a long enough password' })).status,
    200,
  )
})

test('a change with a cookie must come from our own pages', async () => {
  const answer = await crm.anonymous.post('/api/sign-in', ADMIN)
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!
  const add = (headers: Record<string, string>) =>
    crm.anonymous.call('POST', '/api/organisations', { name: 'From somewhere' }, { cookie, ...headers })
  assert.equal((await add({ origin: 'https://evil.example' })).status, 403)
  assert.equal((await add({ origin: 'null' })).status, 403)
  assert.equal((await add({ 'sec-fetch-site': 'cross-site' })).status, 403)
  assert.equal((await add({ origin: crm.server.address })).status, 201)
  assert.equal((await add({})).status, 201, 'curl says neither')
})

test('signing out ends the session; a new password ends the others', async () => {
  const one = createCaller(crm.server.address, (await crm.anonymous.post('/api/sign-in', ADMIN)).body.token)
  assert.equal((await one.post('/api/sign-out')).status, 204)
  assert.equal((await one.get('/api/contacts')).status, 401)

  const member = await crm.member('Pia Password')
  const credentials = { email: 'pia.password@example.com', password: 'a long enough password' }
  const elsewhere = createCaller(
    crm.server.address,
    (await crm.anonymous.post('/api/sign-in', credentials)).body.token,
  )
  const change = { currentPassword: credentials.password, password: 'another good password' }
  assert.equal((await member.patch('/api/me', { ...change, currentPassword: 'wrong' })).status, 422)
  assert.equal((await member.patch('/api/me', change)).status, 200)
  assert.equal((await elsewhere.get('/api/contacts')).status, 401)
  assert.equal((await member.get('/api/contacts')).status, 200)
})

test('a session ends when it is idle or old', async () => {
  const token = (await crm.anonymous.post('/api/sign-in', ADMIN)).body.token
  const caller = createCaller(crm.server.address, token)
  await crm.sql(
    "update sessions set last_seen_at = now() - interval '49 hours' where created_at = (select max(created_at) from sessions)",
  )
  assert.equal((await caller.get('/api/contacts')).status, 401)
  assert.equal((await crm.admin.get('/api/contacts')).status, 200)
})

test('an invitation works once', async () => {
  const invited = await crm.admin.post('/api/users', {
    name: 'Ina',
    email: 'Ina@Example.com',
    role: 'member',
  })
  assert.equal(invited.status, 201)
  assert.equal(invited.body.state, 'invited')
  const accept = () =>
    crm.anonymous.post('/api/accept-invite', {
      token: invited.body.inviteToken,
      password: 'a password of mine',
    })
  assert.equal((await accept()).status, 200)
  assert.equal((await accept()).status, 422)
  const again = await crm.admin.post('/api/users', { name: 'Ina', email: 'ina@example.com', role: 'member' })
  assert.equal(again.body.errors[0].field, 'email')
})

test('whoever is switched off is out at once, and somebody must remain administrator', async () => {
  const member = await crm.member('Otto Off')
  assert.equal((await crm.admin.patch(`/api/users/${member.id}`, { disabled: true })).body.state, 'disabled')
  assert.equal((await member.get('/api/contacts')).status, 401)
  const me = (await crm.admin.get('/api/me')).body.user
  assert.equal((await crm.admin.patch(`/api/users/${me.id}`, { role: 'member' })).status, 409)
  assert.equal((await crm.admin.get('/api/me')).body.user.role, 'admin')
})

test('behind a proxy on a Unix socket an https request gets a __Host- cookie', async () => {
  const { cookie } = await import('../http/headers.ts')
  assert.match(cookie('x', true, 1), /^__Host-crm=x; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1; Secure$/)
})

test('the log names nobody and holds no secret', () => {
  const log = crm.lines.join('')
  for (const secret of [ADMIN.password, ADMIN.email, crm.admin.token!, 'Pia', 'ina@', 'another good']) {
    assert.ok(!log.includes(secret), secret)
  }
  for (const line of crm.lines) assert.ok(JSON.parse(line).event)
})
