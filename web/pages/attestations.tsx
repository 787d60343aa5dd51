import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { attestationsQuery } from '../data/approvals.ts'
import { promisesQuery } from '../data/promises.ts'
import { SignAttestation } from '../forms/sign-attestation.tsx'
import { AttestationLine } from '../ui/attestation-line.tsx'
import { PageFrame, Section } from '../ui/page-frame.tsx'
import { Empty, LoadingLines, ProblemNote } from '../ui/states.tsx'
import { attestationWords } from '../words/attestations.ts'
import { useLanguage, useWords } from '../words/language.ts'

/** Answers: what do people sign for? */
export function AttestationsPage() {
  const words = useWords(attestationWords)
  const language = useLanguage()
  const { promise } = useSearch({ from: '/attestations' })
  const { data, error, refetch } = useQuery(attestationsQuery(promise))
  const promises = useQuery(promisesQuery).data
  const titleOf = (id: string) => promises?.find((one) => one.id === id)?.title[language]
  return (
    <PageFrame
      title={words.title}
      lead={words.lead}
      aside={
        promise ? (
          <Link to="/attestations" search={{}} className="text-14">
            {words.all}
          </Link>
        ) : null
      }
    >
      {!data ? (
        error ? (
          <ProblemNote error={error} retry={() => void refetch()} />
        ) : (
          <LoadingLines />
        )
      ) : data.length === 0 ? (
        <Empty title={words.none}>{words.noneLead}</Empty>
      ) : (
        <ul className="border-t border-line-strong">
          {data.map((one) => (
            <AttestationLine key={one.id} attestation={one} title={titleOf(one.promise)} />
          ))}
        </ul>
      )}
      <Section title={words.sign} id="sign">
        <SignAttestation promise={promise} />
      </Section>
    </PageFrame>
  )
}
