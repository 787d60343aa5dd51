import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function ApprovalsPage() {
  return (
    <PageFrame title="approvals">
      <LoadingLines />
    </PageFrame>
  )
}
