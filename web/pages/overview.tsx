import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function OverviewPage() {
  return (
    <PageFrame title="overview">
      <LoadingLines />
    </PageFrame>
  )
}
