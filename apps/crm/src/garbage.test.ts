import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { routes } from './routes.ts'
import { type Answer, startCrm, type TestCrm } from './testing/crm.ts'

let crm: TestCrm
let ids: Record<string, string>
before(async () => {
  crm = await startCrm({ MAX_UPLOAD_MIB: '1' })
  const make = async (path: string, body: unknown) => (await crm.admin.post(path, body)).body.id as string
  const organisation = await make('/api/organisations', { name: 'Stays as it is AB' })
  ids = {
    organisations: organisation,
    contacts: await make('/api/contacts', { givenName: 'Ann', organisationId: organisation }),
    deals: await make('/api/deals', { title: 'Deal', stage: 'lead', currency: 'SEK' }),
    activities: await make('/api/activities', { kind: 'task', subject: 'Task' }),
    notes: await make('/api/notes', { body: 'Note', organisationId: organisation }),
    invoices: await make('/api/invoices', { organisationId: organisation, currency: 'SEK', lines: [] }),
    documents: (await crm.admin.upload('/api/documents', 'kept', 'kept.txt')).body.id,
    users: (await crm.member()).id,
  }
  for (const [kind, id] of Object.entries(ids)) assert.ok(id, `no sample of ${kind}`)
})
after(() => crm.stop())

/** Everything that the CRM keeps, but for when somebody was last seen. */
async function everything(): Promise<unknown> {
  const tables = await crm.sql(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_name not in ('sessions', 'sign_in_failures') order by 1`,
  )
  const rows = []
  for (const { name } of tables) rows.push(await crm.sql(`select * from ${name} order by 1`))
  const files = readdirSync(crm.filesDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
  return { rows, files: files.sort() }
}

function mustRefuse(answer: Answer, what: string): void {
  assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.text}`)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, what)
  assert.ok(answer.body.detail.length > 10, what)
}

// Routes that take a body; the one key that none of them knows makes each value a wrong one.
const takers = routes.filter(
  ({ method, path }) =>
    (method === 'POST' || method === 'PATCH') && !/sign-out|invite$|documents$/.test(path),
)
const concrete = (path: string) => path.replace(':id', ids[path.split('/')[2]!] ?? 'none')
const wrong = fc.oneof(
  fc.jsonValue().filter((value) => typeof value !== 'object' || value === null || Array.isArray(value)),
  fc
    .dictionary(
      fc.constantFrom('name', 'title', 'stage', 'lines', 'email', '__proto__', 'id'),
      fc.jsonValue(),
    )
    .map((value) => ({ ...value, 'no such field': 1 })),
)

test('garbage in any body is refused in words, and nothing has changed', async () => {
  const before = await everything()
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...takers), wrong, async ({ method, path }, body) => {
      // Text is what `call` sends as it is.
      const sent = JSON.stringify(body)
      mustRefuse(await crm.admin.call(method, concrete(path), sent), `${method} ${path} ${sent}`)
    }),
    { numRuns: 150 },
  )
  assert.deepEqual(await everything(), before)
})

test('bytes that are no JSON, and types that nobody asked for', async () => {
  const before = await everything()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...takers),
      fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/^\s*["[{\dtfn-]/.test(text)),
      fc.constantFrom(
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
      ),
      async ({ method, path }, body, type) => {
        const answer = await crm.admin.call(method, concrete(path), body.toWellFormed(), {
          'content-type': type,
        })
        mustRefuse(answer, `${method} ${path} ${type}`)
        // A refusal never repeats what was sent: it may be a password.
        if (body.trim().length > 8) assert.ok(!answer.body.detail.includes(body.trim()))
      },
    ),
    { numRuns: 120 },
  )
  assert.deepEqual(await everything(), before)
})

test('uploads: parts in any disorder are refused or taken whole, never half', async () => {
  const before = await everything()
  const part = (head: string, content: string) =>
    `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`
  const file = (content: string) => part('name="file"; filename="a.txt"', content)
  const bodies = [
    '--x--\r\n',
    `${part('name="name"', 'no file at all')}--x--\r\n`,
    `${part('filename="a.txt"', 'a file without a name of the part')}--x--\r\n`,
    `${file('one')}${file('two')}--x--\r\n`,
    `${file('cut off')}`,
    `${file('an unknown field')}${part('name="isAdmin"', 'true')}--x--\r\n`,
    `${file('a link to nobody')}${part('name="contactId"', ids.users!)}--x--\r\n`,
    `${file('no id')}${part('name="dealId"', "1' or '1'='1")}--x--\r\n`,
    `${file('x'.repeat(1024 * 1024 + 1))}--x--\r\n`,
    `${Array.from({ length: 30 }, (_, at) => part(`name="field${at}"`, '1')).join('')}${file('many')}--x--\r\n`,
    `${part(`name="${'n'.repeat(20_000)}"`, '1')}${file('long')}--x--\r\n`,
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n--x',
    '\u0000\u0001\u0002',
  ]
  for (const body of bodies)
    for (const type of [
      'multipart/form-data; boundary=x',
      'multipart/form-data; boundary=',
      'multipart/mixed; boundary=x',
    ])
      mustRefuse(
        await crm.admin.call('POST', '/api/documents', body, { 'content-type': type }),
        `${type}: ${body.slice(0, 90)}`,
      )
  assert.deepEqual(await everything(), before)
})

test('addresses and queries of any kind', async () => {
  const before = await everything()
  const odd = fc
    .string({ unit: 'binary', maxLength: 60 })
    .map((text) => encodeURIComponent(text.toWellFormed()))
  const names = fc.constantFrom(
    'limit',
    'offset',
    'sort',
    'q',
    'ownerId',
    'status',
    'state',
    'stage',
    'contactId',
  )
  const reads = routes.filter(({ method, path }) => method === 'GET' && !/:id|export$/.test(path))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...reads), names, odd, async ({ path }, name, value) => {
      const answer = await crm.admin.get(`${path}?${name}=${value}`)
      assert.ok(answer.status < 500, `${path}?${name}=${value}: ${answer.status}`)
      if (answer.status >= 400) mustRefuse(answer, path)
    }),
    { numRuns: 150 },
  )
  for (const path of [
    '/api/%',
    '/api/contacts/%00',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//api//me',
    '/assets/../server.js',
  ])
    mustRefuse(await crm.anonymous.get(path), path)
  assert.deepEqual(await everything(), before)
})

test('what is no HTTP is answered or cut off, and the next request is served', async () => {
  const { hostname, port } = new URL(crm.server.address)
  const say = (text: string) =>
    new Promise<string>((resolve) => {
      let heard = ''
      const socket = connect(Number(port), hostname, () => socket.end(text))
      socket.setEncoding('latin1').on('data', (chunk) => {
        heard += chunk
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(heard))
    })
  const post = 'POST /api/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
  for (const text of [
    '\u0016\u0003\u0001\u0002\u0000',
    'GARBAGE\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'c'.repeat(100_000)}\r\n\r\n`,
    `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345`,
    `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`,
  ])
    assert.match(await say(text), /^(HTTP\/1\.1 4\d\d |$)/, text.slice(0, 40))
  assert.equal((await crm.anonymous.get('/healthz')).status, 200)
})
