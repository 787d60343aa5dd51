import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startCrm, type TestCrm } from '../testing/crm.ts'

let crm: TestCrm
before(async () => {
  crm = await startCrm()
})
after(() => crm.stop())

const make = async (path: string, body: unknown) => {
  const answer = await crm.admin.post(`/api/${path}`, body)
  assert.equal(answer.status, 201, answer.text)
  return answer.body
}

test('a contact is made, read, changed, listed and deleted', async () => {
  const acme = await make('organisations', { name: 'Acme', website: 'acme.example', country: 'SE' })
  assert.equal(acme.website, 'https://acme.example')
  const contact = await make('contacts', {
    givenName: '  Anna ',
    familyName: 'Åkerström',
    email: 'anna@acme.example',
    phone: '+46 70 174 06 05',
    personalNumber: '18900101-9802',
    organisationId: acme.id,
  })
  assert.equal(contact.givenName, 'Anna')
  assert.equal(contact.organisationName, 'Acme')
  const changed = await crm.admin.patch(`/api/contacts/${contact.id}`, { title: 'CEO', phone: '' })
  assert.equal(changed.body.title, 'CEO')
  assert.equal(changed.body.phone, null, 'empty means none')
  assert.equal(changed.body.email, 'anna@acme.example', 'left out means unchanged')
  const list = await crm.admin.get('/api/contacts?q=%C3%A5ker%20acme')
  assert.deepEqual([list.body.total, list.body.items[0].id], [1, contact.id])
  assert.equal((await crm.admin.delete(`/api/contacts/${contact.id}`)).status, 204)
  assert.equal((await crm.admin.get(`/api/contacts/${contact.id}`)).status, 404)
  assert.equal((await crm.admin.delete(`/api/contacts/${contact.id}`)).status, 404)
})

test('what refers to nothing is named', async () => {
  const answer = await crm.admin.post('/api/contacts', {
    givenName: 'Bo',
    organisationId: '00000000-0000-4000-8000-000000000000',
  })
  assert.equal(answer.status, 422)
  assert.deepEqual(answer.body.errors, [{ field: 'organisationId', message: 'There is no such record.' }])
})

test('pages follow each other without gaps or repeats', async () => {
  for (let i = 0; i < 23; i++) await make('organisations', { name: `Page ${i % 5}`, city: 'Paging' })
  const seen: string[] = []
  for (let offset = 0; offset < 30; offset += 10) {
    const { body } = await crm.admin.get(`/api/organisations?q=paging&limit=10&offset=${offset}`)
    assert.equal(body.total, 23)
    seen.push(...body.items.map((item: { id: string }) => item.id))
  }
  assert.equal(seen.length, 23)
  assert.equal(new Set(seen).size, 23)
})

test('deals move along the board and keep their order', async () => {
  const titles = ['one', 'two', 'three']
  const deals = []
  for (const title of titles) deals.push(await make('deals', { title, amountMinor: 100_00 }))
  assert.equal(deals[0].currency, 'SEK', 'the usual currency')
  const column = async (stage: string) =>
    (await crm.admin.get('/api/pipeline')).body.stages
      .find((candidate: { id: string }) => candidate.id === stage)
      .deals.map((deal: { title: string }) => deal.title)
  assert.deepEqual(await column('lead'), ['three', 'two', 'one'])
  await crm.admin.post(`/api/deals/${deals[2].id}/move`, { stage: 'lead', index: 1 })
  assert.deepEqual(await column('lead'), ['two', 'three', 'one'])
  const won = await crm.admin.post(`/api/deals/${deals[0].id}/move`, { stage: 'won' })
  assert.ok(won.body.closedAt)
  const back = await crm.admin.patch(`/api/deals/${deals[0].id}`, { stage: 'proposal' })
  assert.equal(back.body.closedAt, null)
  assert.deepEqual(await column('proposal'), ['one'])
  assert.equal((await crm.admin.post(`/api/deals/${deals[0].id}/move`, { stage: 'limbo' })).status, 422)
  assert.equal((await crm.admin.post('/api/deals', { title: 'x', amountMinor: 1.5 })).status, 422)
  assert.equal((await crm.admin.post('/api/deals', { title: 'x', amountMinor: -1 })).status, 422)
})

test('two people moving deals at once leave one order', async () => {
  const deals = []
  for (let i = 0; i < 6; i++) deals.push(await make('deals', { title: `busy ${i}`, stage: 'negotiation' }))
  await Promise.all(
    deals.map((deal, i) => crm.admin.post(`/api/deals/${deal.id}/move`, { stage: 'qualified', index: i })),
  )
  const rows = await crm.sql("select position from deals where stage = 'qualified' order by position")
  assert.deepEqual(
    rows.map((row) => row.position),
    [1, 2, 3, 4, 5, 6],
  )
})

test('activities are due, overdue and done', async () => {
  const late = await make('activities', { kind: 'call', subject: 'Late', dueOn: '2020-02-29' })
  await make('activities', { kind: 'task', subject: 'Some day' })
  assert.equal(late.overdue, true)
  const names = async (state: string) =>
    (await crm.admin.get(`/api/activities?state=${state}`)).body.items.map(
      (item: { subject: string }) => item.subject,
    )
  assert.deepEqual(await names('overdue'), ['Late'])
  assert.deepEqual(await names('open'), ['Late', 'Some day'])
  const done = await crm.admin.patch(`/api/activities/${late.id}`, { done: true })
  assert.deepEqual([done.body.done, done.body.overdue], [true, false])
  assert.deepEqual(await names('done'), ['Late'])
  assert.equal(
    (await crm.admin.post('/api/activities', { kind: 'call', subject: 'x', dueOn: '2021-02-29' })).status,
    422,
  )
})

test('a note is about something, and goes with it', async () => {
  assert.equal((await crm.admin.post('/api/notes', { body: 'about nothing' })).status, 422)
  const contact = await make('contacts', { givenName: 'Gone' })
  await make('notes', { body: 'Said something private', contactId: contact.id })
  const { attached } = (await crm.admin.get(`/api/contacts/${contact.id}`)).body
  assert.deepEqual(attached, { notes: 1, activities: 0, documents: 0 })
  await crm.admin.delete(`/api/contacts/${contact.id}`)
  assert.deepEqual(await crm.sql('select body from notes'), [])
})

test('search finds things by words, parts, numbers and notes, and takes wildcards literally', async () => {
  const firm = await make('organisations', { name: 'Sökbolaget i Umeå' })
  await make('contacts', { givenName: 'Zelda', phone: '+46 (0)70-174 06 99', organisationId: firm.id })
  await make('notes', { body: 'mentions a Wombat', organisationId: firm.id })
  const find = async (q: string) =>
    (await crm.admin.get(`/api/search?q=${encodeURIComponent(q)}`)).body.items.map(
      (hit: { kind: string; id: string }) => hit.kind,
    )
  assert.deepEqual(await find('sökbol'), ['organisation', 'contact'])
  assert.deepEqual(await find('UMEÅ zelda'), ['contact'])
  assert.deepEqual(await find('0701740699'), ['contact'])
  assert.deepEqual(await find('wombat'), ['organisation'])
  assert.deepEqual(await find('%'), [])
  assert.deepEqual(await find("' or 1=1 --"), [])
})

test('changes leave a history of field names, never of values', async () => {
  const contact = await make('contacts', { givenName: 'Secretive', email: 'first@secret.example' })
  await crm.admin.patch(`/api/contacts/${contact.id}`, { email: 'second@secret.example' })
  const { items } = (await crm.admin.get(`/api/history?entity=contact&id=${contact.id}`)).body
  assert.deepEqual(
    items.map((entry: { action: string; fields: string[] }) => [entry.action, entry.fields]),
    [
      ['updated', ['email']],
      ['created', []],
    ],
  )
  assert.ok(!JSON.stringify(await crm.sql('select * from history')).includes('secret.example'))
  const audits = crm.lines
    .map((line) => JSON.parse(line))
    .filter((line) => line.stream === 'audit' && line.id === contact.id)
  assert.deepEqual(
    audits.map((line) => line.event),
    ['contact.created', 'contact.updated'],
  )
  assert.ok(!crm.lines.join('').includes('secret.example'))
})

test('the dashboard adds up what is open, by currency', async () => {
  await make('deals', { title: 'euro', currency: 'EUR', stage: 'lead', amountMinor: 12_345 })
  const { body } = await crm.admin.get('/api/dashboard')
  assert.deepEqual(
    body.pipeline.filter((row: { currency: string }) => row.currency === 'EUR'),
    [{ id: 'lead', name: 'Lead', currency: 'EUR', count: 1, amountMinor: 12_345 }],
  )
  assert.ok(body.recent.length > 0)
})
