import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startPlane } from '../../../test/support/plane.ts'
import { type SignedIn, signIn } from '../../../test/support/signed-in.ts'
import { proveRisk } from '../../domains/organisation-security/risk/prove.ts'
import { attestationsAgreedTo, attestationsInForce } from '../../pledges/attestations/store.ts'
import { REGISTER } from '../../register.ts'
import { warningsOf } from '../warnings.ts'
import { isIntact } from './evidence.ts'

const DAY_MS = 86_400_000
const plane = await startPlane()
after(() => plane.stop())
const evidence = join(plane.folder, 'evidence')
let ada: SignedIn
let bob: SignedIn
before(async () => {
  ada = await signIn(plane, 'operator', 'ada@x.test')
  bob = await signIn(plane, 'owner', 'bob@x.test')
})

const minutes = Buffer.from('The board met on 3 November and reviewed all risks.')
const body = (more: object = {}) => ({
  promise: 'continuity.risk',
  subject: 'the whole company',
  statement: 'Reviewed by the board in a meeting of two hours.',
  evidence: { name: 'minutes.txt', base64: minutes.toString('base64') },
  expiresAt: plane.clock.now() + 60 * DAY_MS,
  ...more,
})
const sign = async (more: object = {}) => {
  const answer = await ada.post('/v1/attestations', body(more))
  assert.equal(answer.statusCode, 202, answer.body)
  return answer.json() as { attestation: { id: string }; approval: { id: string; preview: { en: string }[] } }
}
const inForce = async () => attestationsInForce(plane.server.db, 'continuity.risk', plane.clock.now())
const verdict = async (nowMs = plane.clock.now()) => {
  const proof = proveRisk({
    agreedTo: (pledge, now) => attestationsAgreedTo(plane.admin.db, pledge, now),
    isIntact: (sha256) => isIntact(evidence, sha256),
  })
  const found = await proof.prove({ values: { review: 'P1Y' }, nowMs, signal: AbortSignal.timeout(5000) })
  return [...new Set(found.map((one) => one.state))]
}

test('what one person signs counts once another agreed, and the file lies under its hash', async () => {
  const { attestation, approval } = await sign()
  assert.deepEqual(await inForce(), [])
  assert.deepEqual(await verdict(), ['unknown'])
  assert.match(JSON.stringify(approval.preview), /Reviewed by the board.*minutes\.txt \(SHA-256/)
  assert.equal((await ada.post(`/v1/approvals/${approval.id}/options`)).statusCode, 403)
  const agreed = await bob.approve(approval.id)
  assert.equal(agreed.json().state, 'carried-out', agreed.body)
  assert.deepEqual(
    (await inForce()).map((one) => [one.id, one.approved_by]),
    [[attestation.id, bob.id]],
  )
  assert.deepEqual(await verdict(), ['kept'])
  const sha256 = createHash('sha256').update(minutes).digest('hex')
  assert.deepEqual(readFileSync(join(evidence, sha256)), minutes)
  assert.equal(statSync(join(evidence, sha256)).mode & 0o777, 0o640)
  const entry = (await plane.log.entries()).find((one) => one.type === 'attestation.approved')
  assert.equal(entry?.event?.evidence, sha256)
  const file = await ada.get(`/v1/attestations/${attestation.id}/evidence`)
  assert.deepEqual(file.rawPayload, minutes)
  assert.match(String(file.headers['content-disposition']), /^attachment; filename\*=UTF-8''minutes\.txt$/)

  // The same bytes again lie there once, and nothing half-written stays.
  await sign()
  assert.deepEqual(readdirSync(evidence), [sha256])

  writeFileSync(join(evidence, sha256), 'The board met and did nothing.')
  assert.deepEqual(await verdict(), ['broken'])
  assert.equal((await ada.get(`/v1/attestations/${attestation.id}/evidence`)).statusCode, 410)
  writeFileSync(join(evidence, sha256), minutes)
  assert.deepEqual(await verdict(), ['kept'])

  // It ends on its day: unknown, not broken; and it warns a month before, until a longer one follows.
  const warnings = (now: number) =>
    warningsOf(plane.server.db, { publishedFile: join(plane.folder, 'none.json'), register: REGISTER, now })
  const end = plane.clock.now() + 60 * DAY_MS
  assert.deepEqual(await warnings(end - 31 * DAY_MS), [])
  assert.match((await warnings(end - 29 * DAY_MS))[0]!, /ends on 2027-01-22/)
  assert.match((await warnings(end + DAY_MS))[0]!, /expired on 2027-01-22/)
  assert.deepEqual(await verdict(end), ['unknown'])
  const longer = await sign({ expiresAt: plane.clock.now() + 300 * DAY_MS })
  await bob.approve(longer.approval.id)
  assert.deepEqual(await warnings(end + DAY_MS), [])
  assert.deepEqual(await verdict(end), ['kept'])

  const gone = await ada.post(`/v1/attestations/${longer.attestation.id}/withdraw`, {
    reason: 'The date was wrong.',
  })
  assert.equal(gone.json().state, 'withdrawn')
  assert.deepEqual(await verdict(end), ['unknown'])
  assert.deepEqual(await verdict(), ['kept'])
})

test('an altered file, a statement changed in the database, or a passed end is refused at approval', async () => {
  const refusal = async (approval: string) => {
    const answer = await bob.approve(approval)
    assert.equal(answer.json().state, 'refused', answer.body)
    return answer.json().reason as string
  }
  const other = Buffer.from('another file')
  const file = await sign({ evidence: { name: 'other.txt', base64: other.toString('base64') } })
  writeFileSync(join(evidence, createHash('sha256').update(other).digest('hex')), 'yet another')
  assert.match(await refusal(file.approval.id), /no longer the file/)
  const said = await sign()
  await plane.admin.pool.query(
    `update pledges.attestations set statement = 'Nothing was done at all.' where id = $1`,
    [said.attestation.id],
  )
  assert.match(await refusal(said.approval.id), /altered/)
  const withdrawn = await sign()
  await ada.post(`/v1/attestations/${withdrawn.attestation.id}/withdraw`, { reason: 'Not yet.' })
  assert.match(await refusal(withdrawn.approval.id), /no longer there/)
  const short = await sign({ expiresAt: plane.clock.now() + 3_600_000 })
  plane.clock.advance(3_600_000)
  assert.match(await refusal(short.approval.id), /expired before/)
})

test('bad input is refused, and nothing is kept of it', async () => {
  const before = readdirSync(evidence).length
  const rows = async () =>
    (await plane.admin.pool.query('select count(*)::int as n from pledges.attestations')).rows[0].n
  const count = await rows()
  for (const [more, status] of [
    [{ promise: 'continuity.riks' }, 400],
    [{ part: 'nothing' }, 400],
    [{ statement: 'Done.' }, 400],
    [{ expiresAt: plane.clock.now() }, 400],
    [{ expiresAt: plane.clock.now() + 367 * DAY_MS }, 400],
    [{ evidence: { name: 'x', base64: '%%%' } }, 400],
    [{ evidence: { name: 'x', base64: '' } }, 400],
    [{ evidence: { name: 'x', base64: Buffer.alloc(10 * 1024 * 1024 + 1).toString('base64') } }, 413],
    [{ by: bob.email }, 400],
  ] as const) {
    const answer = await ada.post('/v1/attestations', body(more))
    assert.equal(answer.statusCode, status, `${JSON.stringify(more).slice(0, 80)}: ${answer.body}`)
  }
  assert.equal(await rows(), count)
  assert.equal(readdirSync(evidence).length, before)
  const largest = body({
    evidence: { name: 'x', base64: Buffer.alloc(10 * 1024 * 1024, 1).toString('base64') },
  })
  assert.equal((await ada.post('/v1/attestations', largest)).statusCode, 202)
})
