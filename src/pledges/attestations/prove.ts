import { Temporal } from 'temporal-polyfill'
import { isoOf } from '../../kernel/clock.ts'
import type { Pledge, Words } from '../pledge.ts'
import type { Proof } from '../runner.ts'
import { capital, cut, joined, same, sentence } from '../sentence.ts'
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

const SIMULATED: Words = {
  en: 'Simulated: this is a demo world, nobody looked.',
  sv: 'Simulerat: det här är en demovärld, ingen har tittat.',
}
const HAVE_IT_SIGNED: Words = {
  en: 'Have it signed: `borgen attestation sign`, and agreed to by another person.',
  sv: 'Låt någon underteckna det: `borgen attestation sign`, och en annan person godkänna det.',
}
const SIGN_ANEW: Words = {
  en: 'Have it signed anew before then: `borgen attestation sign`.',
  sv: 'Låt någon underteckna det på nytt innan dess: `borgen attestation sign`.',
}
const WITHDRAW: Words = {
  en: 'Withdraw the attestation and have it signed again; find out who can write to the data folder.',
  sv: 'Dra tillbaka intyget och låt någon underteckna det på nytt; ta reda på vem som kan skriva i datamappen.',
}
const EXPIRED = {
  en: '{part}: what was signed of it expired on {on}, and nobody signed it since.',
  sv: '{part}: det som undertecknats gick ut {on}, och ingen har undertecknat det sedan dess.',
} as const
const NOBODY = {
  en: '{part}: nobody has signed that it was done.',
  sv: '{part}: ingen har undertecknat att det är gjort.',
} as const
const ALTERED = {
  en: '{part}: the file “{name}” is not what was signed any more.',
  sv: '{part}: filen ”{name}” är inte längre den som undertecknades.',
} as const
const SIGNED = {
  en: '{part}: signed, agreed to by a second person, and relied on until {until}.',
  sv: '{part}: undertecknat, godkänt av ytterligare en person, och gäller till {until}.',
} as const
const SIGNED_IN_DEMO = {
  en: '{part}: signed in the demo world, and relied on until {until}.',
  sv: '{part}: undertecknat i demovärlden, och gäller till {until}.',
} as const
const ENDS_SOON = {
  en: 'It ends soon: after {until} nothing shows it any more.',
  sv: 'Det går snart ut: efter {until} visar inget det längre.',
} as const

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
          attestedPart({ part, called: words, signed: signedOf(part), nowMs }, reader),
        ),
      )
    },
  }
}

/** What is found of one part that people attest; for proofs of which only some parts are attested. */
export async function attestedPart(
  given: { part: string; called: Words; signed: readonly AttestationRow[]; nowMs: number },
  reader: Pick<AttestationsReader, 'isIntact'>,
): Promise<Finding> {
  const { part, called, nowMs } = given
  const ofPart = given.signed
    .filter((one) => one.part === null || one.part === part)
    .toSorted((a, b) => b.expires_at - a.expires_at)
  const current = ofPart.filter((one) => one.expires_at > nowMs)
  if (current.length === 0) {
    const last = ofPart[0]
    const reason = last
      ? sentence(EXPIRED, { part: capital(called), on: dayOf(last.expires_at) })
      : sentence(NOBODY, { part: capital(called) })
    return {
      part,
      state: 'unknown',
      reason,
      remedy: HAVE_IT_SIGNED,
      evidence: last ? [evidenceOf(last, null)] : [],
    }
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
      reason: sentence(ALTERED, { part: capital(called), name: damaged[0]!.evidence_name ?? '' }),
      remedy: WITHDRAW,
      evidence,
    }
  const [longest] = current
  const isSimulated = current.some((one) => one.simulated)
  const ends = longest!.expires_at - nowMs <= EXPIRING_MS
  const until = dayOf(longest!.expires_at)
  return {
    part,
    state: 'kept',
    reason: joined([
      sentence(isSimulated ? SIGNED_IN_DEMO : SIGNED, { part: capital(called), until }),
      ...(ends ? [sentence(ENDS_SOON, { until })] : []),
      ...(isSimulated ? [SIMULATED] : []),
    ]),
    ...(ends ? { remedy: SIGN_ANEW } : {}),
    evidence,
  }
}

/** What was signed, as evidence in any finding that leans on it; labelled where it is simulated. */
export function evidenceOf(row: AttestationRow, isAsPromised: boolean | null): Evidence {
  const file =
    row.evidence_hash === null
      ? { en: 'no file', sv: 'ingen fil' }
      : same(`${row.evidence_name}, SHA-256 ${row.evidence_hash}`)
  return {
    what: sentence(
      row.simulated
        ? { en: 'simulated attestation {id}: {subject}', sv: 'simulerat intyg {id}: {subject}' }
        : { en: 'attestation {id}: {subject}', sv: 'intyg {id}: {subject}' },
      { id: row.id, subject: row.subject },
    ),
    seen: cut(
      sentence(
        {
          en: '{statement} (signed {signed}, ends {ends}; {file})',
          sv: '{statement} (undertecknat {signed}, gäller till {ends}; {file})',
        },
        { statement: row.statement, signed: dayOf(row.signed_at), ends: dayOf(row.expires_at), file },
      ),
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
