import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { attestationsQuery } from '../data/approvals.ts'
import type { PromiseDetail } from '../data/promises.ts'
import { AttestationLine } from '../ui/attestation-line.tsx'
import { Section } from '../ui/page-frame.tsx'
import { attestationWords } from '../words/attestations.ts'
import { useWords } from '../words/language.ts'

/** Who signed for this promise, where somebody did or must. */
export function PromiseAttestations({ promise }: { promise: PromiseDetail }) {
  const words = useWords(attestationWords)
  const { data } = useQuery(attestationsQuery(promise.id))
  if (!data || (data.length === 0 && promise.kind === 'enforced')) return null
  return (
    <Section
      title={words.ofThis}
      id="attested"
      aside={
        <Link to="/attestations" search={{ promise: promise.id }} hash="sign" className="text-14">
          {words.sign}
        </Link>
      }
    >
      {data.length === 0 ? <p className="text-14 text-quiet">{words.none}</p> : null}
      <ul>
        {data.map((one) => (
          <AttestationLine key={one.id} attestation={one} />
        ))}
      </ul>
    </Section>
  )
}
