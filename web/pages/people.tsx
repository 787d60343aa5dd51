import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function PeoplePage() {
  return (
    <PageFrame title="people">
      <LoadingLines />
    </PageFrame>
  )
}
