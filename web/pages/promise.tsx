import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function PromisePage() {
  return (
    <PageFrame title="promise">
      <LoadingLines />
    </PageFrame>
  )
}
