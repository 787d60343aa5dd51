import { createRootRoute } from '@tanstack/react-router'
import { FailedPage } from '../pages/failed.tsx'
import { MissingPage } from '../pages/missing.tsx'
import { Shell } from '../ui/shell.tsx'

export const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: MissingPage,
  errorComponent: FailedPage,
})
