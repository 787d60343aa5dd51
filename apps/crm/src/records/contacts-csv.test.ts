import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { startCrm, type TestCrm } from '../testing/crm.ts'
import { columnOf } from './contacts-csv.ts'
import { readCsv, writeRow } from './csv.ts'

let crm: TestCrm
before(async () => {
  crm = await startCrm()
})
after(() => crm.stop())

const importCsv = (text: string, query = '') =>
  crm.admin.call('POST', `/api/contacts/import${query}`, text, { 'content-type': 'text/csv' })

test('what is written is read again, whatever the cells hold', () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', 'å', '"', ',', ';', '\n', '\r', '\t', ' ', '=', '+', '-', '@', "'"),
  })
  const row = fc.array(cell, { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
      // The separator is taken from the first line, so that gets a plain heading.
      const text = writeRow(['a', 'b']) + rows.map(writeRow).join('')
      assert.deepEqual(
        readCsv(text)
          .slice(1)
          .map(({ cells }) => cells),
        rows,
      )
    }),
  )
})

test('no cell is a formula to a spreadsheet', () => {
  for (const evil of ['=1+1', '+46', '-2', '@SUM(A1)', "'=1", '\t=1']) {
    assert.match(writeRow([evil, 'x']), /^"?'/)
  }
})

test('semicolons, quotes, line breaks and a byte order mark are read', () => {
  const rows = readCsv('\ufeffnamn;titel\r\n"Bo ""B"" Ek";"chef\nför allt"\r\n\r\nEva;\r\n')
  assert.deepEqual(rows, [
    { line: 1, cells: ['namn', 'titel'] },
    { line: 2, cells: ['Bo "B" Ek', 'chef\nför allt'] },
    { line: 5, cells: ['Eva', ''] },
  ])
})

test('columns are known by the names that others give them', () => {
  assert.deepEqual(
    ['First name', 'EFTERNAMN', 'e-post', 'Personnummer', 'Company', 'Shoe size'].map(columnOf),
    ['givenName', 'familyName', 'email', 'personalNumber', 'organisation', null],
  )
})

test('an import is planned, done once, and done again without doubles', async () => {
  const csv =
    'Förnamn;Efternamn;E-post;Företag\r\nBo;Ek;bo@ek.example;Ek AB\r\nEva;Ek;eva@ek.example;ek ab\r\nIda;;;\r\n'
  assert.deepEqual((await importCsv(csv, '?dryRun=true')).body, {
    rows: 3,
    created: 3,
    skipped: 0,
    dryRun: true,
  })
  assert.equal((await crm.admin.get('/api/contacts')).body.total, 0)
  assert.equal((await importCsv(csv)).body.created, 3)
  assert.equal((await crm.admin.get('/api/organisations')).body.total, 1)
  assert.deepEqual((await importCsv(csv)).body, { rows: 3, created: 1, skipped: 2, dryRun: false })
})

test('one bad cell and nothing is imported; the line is named', async () => {
  const before = (await crm.admin.get('/api/contacts')).body.total
  const answer = await importCsv('Given name,E-mail\nGood,good@example.com\nBad,not an address\n')
  assert.equal(answer.status, 422)
  assert.equal(answer.body.errors[0].field, 'line 3')
  assert.equal((await importCsv('Nothing,known\na,b\n')).status, 422)
  assert.equal((await importCsv('Given name\n"open\n')).status, 422)
  assert.equal((await importCsv('')).status, 422)
  assert.equal((await crm.admin.get('/api/contacts')).body.total, before)
})

test('an export can be imported elsewhere, and is in the log', async () => {
  await crm.admin.post('/api/contacts', {
    givenName: 'Åsa',
    familyName: '=HYPERLINK()',
    phone: '+46 70 174 06 07',
  })
  const exported = await crm.admin.get('/api/contacts/export')
  assert.match(exported.headers.get('content-disposition')!, /attachment; filename="contacts.csv"/)
  assert.ok(exported.text.includes("'=HYPERLINK()"))
  const cells = readCsv(exported.text).find((row) => row.cells[0] === 'Åsa')!.cells
  assert.deepEqual(cells.slice(0, 5), ['Åsa', '=HYPERLINK()', '', '', '+46 70 174 06 07'])
  assert.ok(crm.lines.some((line) => line.includes('contact.exported')))
})
