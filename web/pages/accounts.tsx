import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function AccountsPage() {
  return (
    <PageFrame title="accounts">
      <LoadingLines />
    </PageFrame>
  )
}
