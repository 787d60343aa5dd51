import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startCrm, type TestCrm } from '../testing/crm.ts'

let crm: TestCrm
let organisationId: string
before(async () => {
  crm = await startCrm()
  organisationId = (await crm.admin.post('/api/organisations', { name: 'Payer', city: 'Lund' })).body.id
})
after(() => crm.stop())

const line = { description: 'Hours', quantity: 37.5, unitMinor: 1_150_00, vatRate: 25 }
const draft = async (lines: unknown[] = [line]) =>
  (await crm.admin.post('/api/invoices', { organisationId, lines })).body

test('a draft adds up, can be changed and can be deleted', async () => {
  const invoice = await draft([line, { description: 'Book', quantity: 1, unitMinor: 99_90, vatRate: 6 }])
  assert.equal(invoice.netMinor, 43_125_00 + 99_90)
  assert.equal(invoice.vatMinor, 10_781_25 + 5_99)
  assert.equal(invoice.totalMinor, invoice.netMinor + invoice.vatMinor)
  assert.deepEqual(
    invoice.vatGroups.map((group: { vatRate: number }) => group.vatRate),
    [25, 6],
  )
  const changed = await crm.admin.patch(`/api/invoices/${invoice.id}`, { lines: [line], note: 'Thanks' })
  assert.deepEqual([changed.body.netMinor, changed.body.note], [43_125_00, 'Thanks'])
  assert.equal((await crm.admin.delete(`/api/invoices/${invoice.id}`)).status, 204)
})

test('sending gives a number and freezes it; paying can be taken back', async () => {
  const { id } = await draft()
  const sent = await crm.admin.post(`/api/invoices/${id}/send`, { issuedOn: '2026-03-31' })
  assert.match(sent.body.number, /^2026-\d{4}$/)
  assert.deepEqual([sent.body.issuedOn, sent.body.dueOn], ['2026-03-31', '2026-04-30'])
  assert.equal(sent.body.customer.city, 'Lund')
  assert.equal((await crm.admin.post(`/api/invoices/${id}/send`, {})).status, 409)
  assert.equal((await crm.admin.patch(`/api/invoices/${id}`, { note: 'late thought' })).status, 409)
  assert.equal((await crm.admin.delete(`/api/invoices/${id}`)).status, 409)
  assert.equal((await crm.admin.delete(`/api/organisations/${organisationId}`)).status, 409)
  assert.equal(
    (await crm.admin.post(`/api/invoices/${id}/pay`, { paidOn: '2026-04-02' })).body.status,
    'paid',
  )
  assert.equal((await crm.admin.post(`/api/invoices/${id}/pay`, {})).status, 409)
  assert.equal((await crm.admin.post(`/api/invoices/${id}/pay`, { paidOn: null })).body.status, 'sent')
})

test('the customer on a sent invoice stays what it was', async () => {
  const { id } = await draft()
  await crm.admin.post(`/api/invoices/${id}/send`, {})
  await crm.admin.patch(`/api/organisations/${organisationId}`, { name: 'Renamed' })
  assert.equal((await crm.admin.get(`/api/invoices/${id}`)).body.organisationName, 'Payer')
})

test('numbers sent at the same moment follow each other without a gap', async () => {
  const drafts = await Promise.all(Array.from({ length: 8 }, () => draft()))
  const sent = await Promise.all(
    drafts.map(({ id }) => crm.admin.post(`/api/invoices/${id}/send`, { issuedOn: '2031-01-15' })),
  )
  const numbers = sent.map((answer) => answer.body.number).sort()
  assert.deepEqual(
    numbers,
    Array.from({ length: 8 }, (_, i) => `2031-000${i + 1}`),
  )
})

test('an empty draft cannot be sent, and sending nothing draws no number', async () => {
  const { id } = await draft([])
  const refused = await crm.admin.post(`/api/invoices/${id}/send`, { issuedOn: '2032-01-01' })
  assert.equal(refused.body.errors[0].field, 'lines')
  const rows = await crm.sql('select * from invoice_counters where year = 2032')
  assert.deepEqual(rows, [])
})

test('lines are checked one by one', async () => {
  const bad = (change: object) =>
    crm.admin.post('/api/invoices', { organisationId, lines: [line, { ...line, ...change }] })
  for (const [name, value] of [
    ['quantity', 1.0005],
    ['quantity', '3'],
    ['unitMinor', 0.5],
    ['vatRate', 101],
    ['vatRate', -1],
    ['description', ''],
  ] as const) {
    const answer = await bad({ [name]: value })
    assert.equal(answer.status, 422)
    assert.equal(answer.body.errors[0].field, `lines.1.${name}`)
  }
  const huge = await bad({ quantity: 1_000_000, unitMinor: 1_000_000_000_000 })
  assert.equal(huge.body.errors[0].field, 'lines')
  assert.equal(
    (await crm.admin.post('/api/invoices', { organisationId, lines: Array(201).fill(line) })).status,
    422,
  )
})
