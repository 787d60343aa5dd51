import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function LogPage() {
  return (
    <PageFrame title="log">
      <LoadingLines />
    </PageFrame>
  )
}
