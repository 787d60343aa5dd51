import { createRouter } from '@tanstack/react-router'
import { fleetRoutes } from './fleet.ts'
import { planeRoutes } from './plane.ts'
import { promiseRoutes } from './promises.ts'
import { rootRoute } from './root.ts'

export const router = createRouter({
  routeTree: rootRoute.addChildren([...promiseRoutes, ...fleetRoutes, ...planeRoutes]),
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
