import { Temporal } from 'temporal-polyfill'
import { isoOf } from '../../kernel/clock.ts'
import type { Pledge } from '../pledge.ts'
import type { Proof } from '../runner.ts'
import type { Evidence, Finding } from '../verdict.ts'
import type { AttestationRow } from './store.ts'

/** From so long before its end on, what was signed warns that it ends. */
export const EXPIRING_MS = 30 * 86_400_000

/** What a proof looks with at what people signed. */
export type AttestationsReader = {
  /** What a second person agreed to of this promise and nobody withdrew, expired ones too, the longest-lived first. */
  agreedTo(pledge: string, nowMs: number): Promise<readonly AttestationRow[]>
  /** Whether an attached file still is what was signed. */
  isIntact(sha256: string): Promise<'intact' | 'altered' | 'missing'>
}

const SIMULATED = 'Simulated: this is a demo world, nobody looked.'

/**
 * Judges a promise, or what is left of one, by what people signed of each part. One that has expired shows nothing of today, and so
 * does none at all: both are unknown, not broken, since a signature that ran out is no evidence that the thing was not done. A
 * file that is not what was signed is broken: somebody altered what people lean on.
 */
export function proveAttested(
  pledge: Pledge,
  reader: AttestationsReader,
  /** Parts whose signature counts no longer than a promised duration, by the name of that parameter. */
  within: Readonly<Record<string, string>> = {},
): Proof {
  return {
    pledge: pledge.id,
    async prove({ nowMs, values }) {
      const all = await reader.agreedTo(pledge.id, nowMs)
      const signedOf = (part: string) =>
        within[part] === undefined ? all : all.map((one) => cutShort(one, String(values[within[part]!])))
      return Promise.all(
        Object.entries(pledge.parts).map(([part, words]) =>
          attestedPart({ part, called: words.en, signed: signedOf(part), nowMs }, reader),
        ),
      )
    },
  }
}

/** What is found of one part that people attest; for proofs of which only some parts are attested. */
export async function attestedPart(
  given: { part: string; called: string; signed: readonly AttestationRow[]; nowMs: number },
  reader: Pick<AttestationsReader, 'isIntact'>,
): Promise<Finding> {
  const { part, called, nowMs } = given
  const ofPart = given.signed
    .filter((one) => one.part === null || one.part === part)
    .toSorted((a, b) => b.expires_at - a.expires_at)
  const current = ofPart.filter((one) => one.expires_at > nowMs)
  const sign = `Have it signed: \`borgen attestation sign\`, and agreed to by another person.`
  if (current.length === 0) {
    const last = ofPart[0]
    const reason = last
      ? `${capital(called)}: what was signed of it expired on ${dayOf(last.expires_at)}, and nobody signed it since.`
      : `${capital(called)}: nobody has signed that it was done.`
    return { part, state: 'unknown', reason, remedy: sign, evidence: last ? [evidenceOf(last, null)] : [] }
  }
  const states = await Promise.all(
    current.map(async (one) => (one.evidence_hash === null ? 'intact' : reader.isIntact(one.evidence_hash))),
  )
  const evidence = current.map((one, at) => evidenceOf(one, states[at] === 'intact'))
  const damaged = current.filter((_, at) => states[at] !== 'intact')
  if (damaged.length > 0)
    return {
      part,
      state: 'broken',
      reason: `${capital(called)}: the file “${damaged[0]!.evidence_name}” is not what was signed any more.`,
      remedy: 'Withdraw the attestation and have it signed again; find out who can write to the data folder.',
      evidence,
    }
  const [longest] = current
  const isSimulated = current.some((one) => one.simulated)
  const by = isSimulated ? 'signed in the demo world' : 'signed, agreed to by a second person'
  const ends = longest!.expires_at - nowMs <= EXPIRING_MS
  const warning = ends ? ` It ends soon: after ${dayOf(longest!.expires_at)} nothing shows it any more.` : ''
  return {
    part,
    state: 'kept',
    reason: `${capital(called)}: ${by}, and relied on until ${dayOf(longest!.expires_at)}.${warning}${isSimulated ? ` ${SIMULATED}` : ''}`,
    ...(ends ? { remedy: 'Have it signed anew before then: `borgen attestation sign`.' } : {}),
    evidence,
  }
}

/** What was signed, as evidence in any finding that leans on it; labelled where it is simulated. */
export function evidenceOf(row: AttestationRow, isAsPromised: boolean | null): Evidence {
  const file = row.evidence_hash === null ? 'no file' : `${row.evidence_name}, SHA-256 ${row.evidence_hash}`
  return {
    what: `${row.simulated ? 'simulated attestation' : 'attestation'} ${row.id}: ${row.subject}`,
    seen: `${row.statement} (signed ${dayOf(row.signed_at)}, ends ${dayOf(row.expires_at)}; ${file})`.slice(
      0,
      1000,
    ),
    isAsPromised,
  }
}

/** The same, ending when the promised time since it was signed is over. */
function cutShort(row: AttestationRow, duration: string): AttestationRow {
  const signed = Temporal.Instant.fromEpochMilliseconds(row.signed_at).toZonedDateTimeISO('UTC')
  const end = signed.add(Temporal.Duration.from(duration)).epochMilliseconds
  return end < row.expires_at ? { ...row, expires_at: end } : row
}

const dayOf = (ms: number) => isoOf(ms).slice(0, 10)
const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
