import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../data/api.ts'
import { type Attestation, refreshAfterDeciding } from '../data/approvals.ts'
import { meQuery } from '../data/session.ts'
import { attestationWords } from '../words/attestations.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { sayDay } from '../words/times.ts'
import { Button } from './button.tsx'
import { ProblemNote } from './states.tsx'
import { tell } from './tell.ts'

const PALE: readonly Attestation['state'][] = ['expired', 'withdrawn']

/** One signature: what was signed, by whom, who approved it, and until when it counts. */
export function AttestationLine({
  attestation,
  title,
}: {
  attestation: Attestation
  title?: string | undefined
}) {
  const words = useWords(attestationWords)
  const language = useLanguage()
  const { state, signedBy, signedAt, approvedBy, approvedAt, evidence } = attestation
  const day = (at: number) => sayDay(at, language)
  return (
    <li
      className={`grid gap-x-8 gap-y-2 border-b border-line py-4 md:grid-cols-[minmax(0,3fr)_minmax(0,6fr)_220px] ${PALE.includes(state) ? 'text-quiet' : ''}`}
    >
      <div>
        {title ? <h2 className="text-16">{title}</h2> : null}
        <p className="text-14">{attestation.subject}</p>
        <p className="text-14 text-quiet">{attestation.part ?? words.whole}</p>
      </div>
      <div className="text-14">
        <p>{attestation.statement}</p>
        <p className="mt-1 text-quiet">
          {words.signed(signedBy.name, day(signedAt))}
          {approvedBy && approvedAt !== null ? `; ${words.approved(approvedBy.name, day(approvedAt))}` : ''}
        </p>
        {evidence ? (
          <p className="mt-1 text-quiet">
            {words.evidence}: {evidence.name} <code className="text-13 break-all">{evidence.sha256}</code>
          </p>
        ) : null}
        {attestation.simulated ? <p className="mt-1 text-quiet">{words.simulated}</p> : null}
      </div>
      <div className="text-14 md:text-right">
        <p className={state === 'in-force' ? 'font-semibold text-kept' : 'font-semibold'}>
          {words.states[state]}
        </p>
        <p className="text-quiet">{words.until(day(attestation.expiresAt))}</p>
        {PALE.includes(state) ? null : <Withdraw attestation={attestation} />}
      </div>
    </li>
  )
}

function Withdraw({ attestation }: { attestation: Attestation }) {
  const words = useWords(attestationWords)
  const me = useQuery(meQuery).data
  const [isSure, setSure] = useState(false)
  const take = useMutation({
    mutationFn: () =>
      api.post('/v1/attestations/{attestation}/withdraw', {
        params: { path: { attestation: attestation.id } },
      } as never),
    onSuccess: () => {
      tell(words.withdrawn)
      void refreshAfterDeciding()
    },
  })
  if (!me?.may.includes('attestation.withdraw')) return null
  return (
    <>
      <Button
        size="small"
        kind={isSure ? 'danger' : 'quiet'}
        disabled={take.isPending}
        onBlur={() => setSure(false)}
        onClick={() => (isSure ? take.mutate() : setSure(true))}
        className="mt-2"
      >
        {isSure ? words.withdrawSure : words.withdraw}
      </Button>
      {take.error ? <ProblemNote error={take.error} /> : null}
    </>
  )
}
