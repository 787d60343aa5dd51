import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { routes } from './routes.ts'
import { type Caller, startCrm, type TestCrm } from './testing/crm.ts'

let crm: TestCrm
let member: Caller
before(async () => {
  crm = await startCrm()
  member = await crm.member()
})
after(() => crm.stop())

const NO_SUCH = '00000000-0000-4000-8000-000000000000'
const concrete = (path: string, id: string) => path.replace(':id', id)

test('only these routes are open to a stranger', () => {
  const open = routes
    .filter((route) => route.access === 'public')
    .map((route) => `${route.method} ${route.path}`)
  assert.deepEqual(open, ['POST /api/sign-in', 'POST /api/setup', 'GET /api/me', 'POST /api/accept-invite'])
})

test('only these are for administrators', () => {
  const admin = routes
    .filter((route) => route.access === 'admin')
    .map((route) => `${route.method} ${route.path}`)
  assert.deepEqual(admin, [
    'POST /api/users',
    'PATCH /api/users/:id',
    'POST /api/users/:id/invite',
    'PATCH /api/settings',
    'GET /api/contacts/export',
    'POST /api/sample-data',
  ])
})

test('every other route turns a stranger away, and every admin route a member', async () => {
  for (const { method, path, access } of routes) {
    if (access === 'public') continue
    const body = method === 'GET' || method === 'DELETE' ? undefined : {}
    const stranger = await crm.anonymous.call(method, concrete(path, NO_SUCH), body)
    assert.equal(stranger.status, 401, `${method} ${path}`)
    assert.match(stranger.headers.get('content-type')!, /^application\/problem\+json/)
    if (access !== 'admin') continue
    assert.equal((await member.call(method, concrete(path, NO_SUCH), body)).status, 403, `${method} ${path}`)
  }
})

test('an id of nothing, and what is no id at all, are both simply not found', async () => {
  const bodies: Record<string, unknown> = {
    '/api/deals/:id/move': { stage: 'won' },
    '/api/users/:id/invite': undefined,
  }
  for (const { method, path } of routes.filter((route) => route.path.includes(':id'))) {
    const body = method === 'GET' || method === 'DELETE' ? undefined : (bodies[path] ?? {})
    const unknown = await crm.admin.call(method, concrete(path, NO_SUCH), body)
    const garbage = await crm.admin.call(method, concrete(path, "1'or'1"), body)
    assert.equal(unknown.status, 404, `${method} ${path}`)
    assert.deepEqual(
      { ...garbage.body, requestId: 0 },
      { ...unknown.body, requestId: 0 },
      `${method} ${path}`,
    )
  }
})

test('unknown paths and methods say what would work', async () => {
  assert.equal((await crm.admin.get('/api/nothing')).status, 404)
  const wrong = await crm.admin.call('PUT', '/api/contacts', {})
  assert.equal(wrong.status, 405)
  assert.equal(wrong.headers.get('allow'), 'GET, POST')
})

test('every answer carries the security headers', async () => {
  for (const path of ['/healthz', '/api/me', '/api/nothing', '/app/', '/nothing']) {
    const { headers } = await crm.anonymous.get(path)
    assert.match(headers.get('content-security-policy')!, /^default-src 'none'/, path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin')
  }
})
