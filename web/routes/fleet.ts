import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import {
  ACCOUNT_COLUMNS,
  HOURS,
  INSTANCE_COLUMNS,
  INSTANCE_STATES,
  PLANS,
  REGIONS,
  sortsOf,
} from '../data/fleet.ts'
import { rootRoute } from './root.ts'
import { oneOf, present, type RawSearch, textOf } from './search.ts'

/** Customers, their instances, and where everything lies. */
export const fleetRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/accounts',
    validateSearch: (search: RawSearch) =>
      present({
        q: textOf(search.q),
        plan: oneOf(search.plan, PLANS),
        region: oneOf(search.region, REGIONS),
        sort: oneOf(search.sort, sortsOf(ACCOUNT_COLUMNS)),
      }),
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
    validateSearch: (search: RawSearch) =>
      present({
        q: textOf(search.q),
        state: oneOf(search.state, INSTANCE_STATES),
        region: oneOf(search.region, REGIONS),
        app: textOf(search.app),
        sort: oneOf(search.sort, sortsOf(INSTANCE_COLUMNS)),
      }),
    component: lazyRouteComponent(() => import('../pages/instances.tsx'), 'InstancesPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/instances/$instance',
    validateSearch: (search: RawSearch) => present({ hours: oneOf(search.hours, HOURS) }),
    component: lazyRouteComponent(() => import('../pages/instance.tsx'), 'InstancePage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/regions',
    validateSearch: (search: RawSearch) => present({ region: oneOf(search.region, REGIONS) }),
    component: lazyRouteComponent(() => import('../pages/regions.tsx'), 'RegionsPage'),
  }),
] as const
