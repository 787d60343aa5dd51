import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { STREAMS } from '../data/log.ts'
import { rootRoute } from './root.ts'
import { countOf, dateOf, oneOf, present, type RawSearch, textOf } from './search.ts'

/** The plane about itself: the log, people and tokens, settings. */
export const planeRoutes = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/log',
    validateSearch: (search: RawSearch) =>
      present({
        q: textOf(search.q),
        stream: oneOf(search.stream, STREAMS),
        type: textOf(search.type),
        subject: textOf(search.subject),
        from: dateOf(search.from),
        to: dateOf(search.to),
        entry: countOf(search.entry),
      }),
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
