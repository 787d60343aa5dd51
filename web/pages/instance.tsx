import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function InstancePage() {
  return (
    <PageFrame title="instance">
      <LoadingLines />
    </PageFrame>
  )
}
