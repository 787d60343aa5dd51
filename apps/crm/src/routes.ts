import { authRoutes } from './auth/routes.ts'
import type { Route } from './http/route.ts'
import { contactRoutes } from './records/contacts.ts'
import { documentRoutes } from './records/documents.ts'
import { organisationRoutes } from './records/organisations.ts'

export const routes: readonly Route[] = [
  ...authRoutes,
  ...organisationRoutes,
  ...contactRoutes,
  ...documentRoutes,
]
