import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startCrm, type TestCrm } from '../testing/crm.ts'

let crm: TestCrm
before(async () => {
  crm = await startCrm()
})
after(() => crm.stop())

const post = (body: string, type = 'application/json') =>
  crm.admin.call('POST', '/api/organisations', body, { 'content-type': type })

test('what is not JSON is refused with the place, without quoting it', async () => {
  const answer = await post('{"name": "hemlig" oops}')
  assert.equal(answer.status, 400)
  assert.match(answer.body.detail, /position 18/)
  assert.ok(!answer.text.includes('hemlig'))
  for (const body of ['', '{', 'null', '[]', '3', '"text"', 'NaN']) {
    assert.ok([400, 422].includes((await post(body)).status), body)
  }
})

test('another content type is refused, which also stops plain forms of other sites', async () => {
  assert.equal((await post('name=x', 'application/x-www-form-urlencoded')).status, 415)
  assert.equal((await post('{"name":"x"}', 'text/plain')).status, 415)
  assert.equal((await post('{"name":"x"}', '')).status, 415)
})

test('too large and too deep are refused', async () => {
  assert.equal((await post(JSON.stringify({ name: 'x'.repeat(1024 * 1024) }))).status, 413)
  const deep = await post(`{"name":${'['.repeat(5000)}${']'.repeat(5000)}}`)
  assert.equal(deep.status, 400)
  assert.match(deep.body.detail, /nested deeper than 32/)
})

test('wrong types, unknown fields and unstorable text are named one by one', async () => {
  const answer = await crm.admin.post('/api/organisations', {
    name: 7,
    country: 'se',
    admin: true,
    website: 'x y',
  })
  assert.equal(answer.status, 422)
  const fields = answer.body.errors.map((error: { field: string }) => error.field)
  assert.deepEqual(fields.sort(), ['admin', 'country', 'name', 'website'])
  for (const name of ['', '   ', 'a\0b', '\ud800', 'x'.repeat(201), null, {}, [], true]) {
    const refused = await crm.admin.post('/api/organisations', { name })
    assert.equal(refused.status, 422, JSON.stringify(name))
    assert.equal(refused.body.errors[0].field, 'name')
  }
  assert.equal(
    (await crm.admin.post('/api/organisations', JSON.parse('{"__proto__":{"x":1},"name":"P"}'))).status,
    422,
  )
})

test('bytes that are not UTF-8 are refused', async () => {
  const response = await fetch(`${crm.server.address}/api/organisations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${crm.admin.token}`, 'content-type': 'application/json' },
    body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  })
  assert.equal(response.status, 400)
})

test('queries are checked too', async () => {
  for (const query of [
    'limit=0',
    'limit=101',
    'limit=x',
    'offset=-1',
    'sort=password',
    'nope=1',
    'ownerId=7',
  ]) {
    assert.equal((await crm.admin.get(`/api/organisations?${query}`)).status, 400, query)
  }
  assert.equal((await crm.admin.get('/api/organisations?q=%00%25_%5C')).status, 200)
  assert.equal((await crm.admin.get('/api/search?q=%00')).status, 200)
  assert.equal((await crm.admin.get('/api/search?q=%E0%A4%A')).status, 200)
})

test('nothing of all that was kept', async () => {
  assert.equal((await crm.admin.get('/api/organisations')).body.total, 0)
})
