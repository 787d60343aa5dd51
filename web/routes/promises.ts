import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { queryClient } from '../data/api.ts'
import { promiseQuery, promisesQuery, VERDICTS } from '../data/promises.ts'
import { BoardPage } from '../pages/board.tsx'
import { rootRoute } from './root.ts'
import { oneOf, present, type RawSearch, textOf } from './search.ts'
import { STEPS } from './start-steps.ts'

/** The board, the page of each promise, and what changes them. */
export const promiseRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/',
    validateSearch: (search: RawSearch) => present({ verdict: oneOf(search.verdict, VERDICTS) }),
    loader: () => void queryClient.prefetchQuery(promisesQuery),
    component: BoardPage,
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/promises/$promise',
    loader: ({ params }) => void queryClient.prefetchQuery(promiseQuery(params.promise)),
    component: lazyRouteComponent(() => import('../pages/promise.tsx'), 'PromisePage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/approvals',
    validateSearch: (search: RawSearch) => present({ show: oneOf(search.show, ['all']) }),
    component: lazyRouteComponent(() => import('../pages/approvals.tsx'), 'ApprovalsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/overview',
    component: lazyRouteComponent(() => import('../pages/overview.tsx'), 'OverviewPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/attestations',
    validateSearch: (search: RawSearch) => present({ promise: textOf(search.promise) }),
    component: lazyRouteComponent(() => import('../pages/attestations.tsx'), 'AttestationsPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/start',
    validateSearch: (search: RawSearch) => present({ step: oneOf(search.step, STEPS) }),
    component: lazyRouteComponent(() => import('../pages/start.tsx'), 'StartPage'),
  }),
] as const
