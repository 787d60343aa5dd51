import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { startCrm, type TestCrm } from '../testing/crm.ts'
import { contentDisposition, safeName } from './documents.ts'

let crm: TestCrm
before(async () => {
  crm = await startCrm({ MAX_UPLOAD_MIB: '1' })
})
after(() => crm.stop())

const filesOnDisk = () =>
  readdirSync(crm.filesDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

test('a document goes up and comes down byte for byte', async () => {
  const content = new Uint8Array(randomBytes(300_000))
  const made = await crm.admin.upload('/api/documents', content, 'Räkenskap 2026.pdf')
  assert.equal(made.status, 201, made.text)
  assert.equal(made.body.size, content.length)
  assert.equal(made.body.sha256, createHash('sha256').update(content).digest('hex'))
  const response = await fetch(`${crm.server.address}/api/documents/${made.body.id}/content`, {
    headers: { authorization: `Bearer ${crm.admin.token}` },
  })
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), content)
  assert.equal(response.headers.get('content-length'), String(content.length))
})

test('whatever it calls itself, it comes down as a download of plain bytes', async () => {
  const made = await crm.admin.upload('/api/documents', '<script>alert(1)</script>', 'evil.html')
  const { headers } = await crm.admin.get(`/api/documents/${made.body.id}/content`)
  assert.equal(headers.get('content-type'), 'application/octet-stream')
  assert.match(headers.get('content-disposition')!, /^attachment; /)
  assert.match(headers.get('content-security-policy')!, /sandbox/)
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
})

test('a name that wants to climb out stays a name', async () => {
  const names: Record<string, string> = {
    '../../../etc/passwd': 'passwd',
    '..\\..\\windows\\system.ini': 'system.ini',
    '/etc/shadow': 'shadow',
    '..': 'document',
    '.htaccess': 'htaccess',
    'a\r\nSet-Cookie: x=1.txt': 'a__Set-Cookie_ x=1.txt',
    'photo\u202egpj.exe': 'photo_gpj.exe',
  }
  for (const [given, kept] of Object.entries(names)) assert.equal(safeName(given), kept)
  const made = await crm.admin.upload('/api/documents', 'x', '../../x.txt', {
    name: '../../../tmp/owned.txt',
  })
  assert.equal(made.body.name, 'owned.txt')
  for (const entry of filesOnDisk()) assert.match(entry.name, /^[0-9a-f-]{36}$/)
})

test('no name makes a header of its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (name) => {
      const header = contentDisposition(safeName(name))
      assert.match(
        header,
        /^attachment; filename="[\x20\x21\x23-\x7e]+"; filename\*=UTF-8''[\w!#$&+\-.^`|~%]+$/,
      )
    }),
  )
})

test('too large leaves nothing behind', async () => {
  const before = filesOnDisk().length
  const answer = await crm.admin.upload('/api/documents', 'x'.repeat(1024 * 1024 + 1), 'big.bin')
  assert.equal(answer.status, 413)
  assert.match(answer.body.detail, /1 MiB/)
  assert.equal(filesOnDisk().length, before)
  assert.equal((await crm.admin.upload('/api/documents', 'x'.repeat(1024 * 1024), 'fits.bin')).status, 201)
})

test('wrong uploads leave nothing behind', async () => {
  const before = filesOnDisk().length
  const nowhere = { contactId: '00000000-0000-4000-8000-000000000000' }
  assert.equal((await crm.admin.upload('/api/documents', 'x', 'x.txt', nowhere)).status, 422)
  assert.equal((await crm.admin.upload('/api/documents', 'x', 'x.txt', { admin: 'yes' })).status, 422)
  assert.equal((await crm.admin.call('POST', '/api/documents', '{}')).status, 415)
  const broken = { 'content-type': 'multipart/form-data; boundary=x' }
  for (const body of [
    '',
    'garbage',
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncut off',
  ]) {
    const answer = await crm.admin.call('POST', '/api/documents', body, broken)
    assert.ok([400, 422].includes(answer.status), `${body}: ${answer.status}`)
  }
  assert.equal(filesOnDisk().length, before)
})

test('deleting a contact takes the file along', async () => {
  const contact = (await crm.admin.post('/api/contacts', { givenName: 'Dora' })).body
  const made = await crm.admin.upload('/api/documents', 'private', 'cv.txt', { contactId: contact.id })
  assert.ok(filesOnDisk().some((entry) => entry.name === made.body.id))
  await crm.admin.delete(`/api/contacts/${contact.id}`)
  assert.equal((await crm.admin.get(`/api/documents/${made.body.id}/content`)).status, 404)
  assert.ok(!filesOnDisk().some((entry) => entry.name === made.body.id))
})
