import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function AttestationsPage() {
  return (
    <PageFrame title="attestations">
      <LoadingLines />
    </PageFrame>
  )
}
