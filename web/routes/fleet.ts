import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { rootRoute } from './root.ts'

/** Customers, their instances, and where everything lies. */
export const fleetRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/accounts',
    component: lazyRouteComponent(() => import('../pages/accounts.tsx'), 'AccountsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/accounts/$account',
    component: lazyRouteComponent(() => import('../pages/account.tsx'), 'AccountPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/instances',
    component: lazyRouteComponent(() => import('../pages/instances.tsx'), 'InstancesPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/instances/$instance',
    component: lazyRouteComponent(() => import('../pages/instance.tsx'), 'InstancePage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/regions',
    component: lazyRouteComponent(() => import('../pages/regions.tsx'), 'RegionsPage'),
  }),
] as const
