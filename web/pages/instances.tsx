import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function InstancesPage() {
  return (
    <PageFrame title="instances">
      <LoadingLines />
    </PageFrame>
  )
}
