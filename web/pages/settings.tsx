import { PageFrame } from '../ui/page-frame.tsx'
import { LoadingLines } from '../ui/states.tsx'

/** To be built. */
export function SettingsPage() {
  return (
    <PageFrame title="settings">
      <LoadingLines />
    </PageFrame>
  )
}
