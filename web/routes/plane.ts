import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.ts'

/** The plane about itself: the log, people and tokens, settings. */
export const planeRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/log',
    component: lazyRouteComponent(() => import('../pages/log.tsx'), 'LogPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/people',
    component: lazyRouteComponent(() => import('../pages/people.tsx'), 'PeoplePage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/settings',
    component: lazyRouteComponent(() => import('../pages/settings.tsx'), 'SettingsPage'),
  }),
] as const
