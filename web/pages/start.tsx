import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function StartPage() {
  return (
    <PageFrame title="start">
      <LoadingLines />
    </PageFrame>
  )
}
