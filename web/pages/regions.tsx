import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function RegionsPage() {
  return (
    <PageFrame title="regions">
      <LoadingLines />
    </PageFrame>
  )
}
