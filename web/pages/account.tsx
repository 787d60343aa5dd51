import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function AccountPage() {
  return (
    <PageFrame title="account">
      <LoadingLines />
    </PageFrame>
  )
}
