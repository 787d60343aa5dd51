import assert from 'node:assert/strict'
import { test } from 'node:test'
import { saidInEachLanguage } from '../../../../test/support/each-language.ts'
import type { AttestationRow } from '../../../pledges/attestations/store.ts'
import type { Words } from '../../../pledges/pledge.ts'
import { combine } from '../../../pledges/verdict.ts'
import { risk } from './pledges.ts'
import { proveRisk } from './prove.ts'

const DAY_MS = 86_400_000
const nowMs = Date.parse('2026-11-23T09:00:00Z')

const signed = (more: Partial<AttestationRow> = {}): AttestationRow => ({
  id: 'att_1',
  pledge: 'continuity.risk',
  part: null,
  subject: 'the whole company',
  statement: 'Reviewed by the board, and the loss of the main site practised.',
  evidence_hash: 'a'.repeat(64),
  evidence_name: 'minutes.pdf',
  evidence_bytes: 1000,
  signed_by: 'per_ada',
  signed_at: nowMs - DAY_MS,
  approval: 'apr_1',
  approved_by: 'per_bob',
  approved_at: nowMs - DAY_MS,
  expires_at: nowMs + 300 * DAY_MS,
  simulated: false,
  withdrawn_by: null,
  withdrawn_at: null,
  withdrawn_because: null,
  ...more,
})

const verdictOf = async (
  rows: AttestationRow[],
  file: 'intact' | 'altered' | 'missing' = 'intact',
  review = 'P1Y',
) => {
  const proof = proveRisk({ agreedTo: async () => rows, isIntact: async () => file })
  const asked = { values: { review }, nowMs, signal: AbortSignal.timeout(1000) }
  const findings = saidInEachLanguage(await proof.prove(asked))
  return { ...combine(risk.parts, findings), findings }
}

test('kept while every part is signed; the end stands in the reason', async () => {
  const { state, reason, findings } = await verdictOf([signed()])
  assert.equal(state, 'kept')
  assert.match(
    reason.en,
    /Risk register reviewed: signed, agreed to by a second person, and relied on until 2027-09-19\./,
  )
  assert.match(findings[0]!.evidence![0]!.seen.en, /SHA-256 aaaa/)
})

test('unknown, and named, while a part is not signed', async () => {
  const { state, reason } = await verdictOf([signed({ part: 'reviewed' })])
  assert.equal(state, 'unknown')
  assert.match(reason.en, /Continuity practised: nobody has signed/)
  assert.equal((await verdictOf([])).state, 'unknown')
})

test('what expired is unknown, not broken: it shows nothing of today', async () => {
  const { state, reason, findings } = await verdictOf([signed({ expires_at: nowMs - DAY_MS })])
  assert.equal(state, 'unknown')
  assert.match(reason.en, /expired on 2026-11-22/)
  assert.match(findings[0]!.remedy!.en, /attestation sign/)
})

test('a review counts no longer than is promised between two', async () => {
  const { state, reason } = await verdictOf([signed({ signed_at: nowMs - 40 * DAY_MS })], 'intact', 'P30D')
  assert.equal(state, 'unknown')
  assert.match(reason.en, /Risk register reviewed: what was signed of it expired on 2026-11-13/)
  assert.doesNotMatch(reason.en, /practised: what/)
})

test('one that ends within a month warns while it is kept', async () => {
  const { state, reason, findings } = await verdictOf([signed({ expires_at: nowMs + 20 * DAY_MS })])
  assert.equal(state, 'kept')
  assert.match(reason.en, /It ends soon/)
  assert.match(findings[0]!.remedy!.en, /anew/)
})

test('a file that is not what was signed is broken', async () => {
  for (const file of ['altered', 'missing'] as const) {
    const { state, reason, remedy } = await verdictOf([signed()], file)
    assert.equal(state, 'broken')
    assert.match(reason.en, /minutes\.pdf.* is not what was signed/)
    assert.ok(remedy)
  }
})

test('what is simulated says so in the reason and in the evidence', async () => {
  const { state, reason, findings } = await verdictOf([
    signed({ simulated: true, evidence_hash: null, evidence_name: null }),
  ])
  assert.equal(state, 'kept')
  assert.match(reason.en, /Simulated: this is a demo world, nobody looked\./)
  assert.doesNotMatch(reason.en, /second person/)
  assert.match((findings[0]!.evidence![0]!.what as Words).en, /^simulated attestation/)
})
