import { authRoutes } from './auth/routes.ts'
import { userRoutes } from './auth/users.ts'
import { demoRoutes } from './demo/routes.ts'
import type { Route } from './http/route.ts'
import { activityRoutes } from './records/activities.ts'
import { contactRoutes } from './records/contacts.ts'
import { contactCsvRoutes } from './records/contacts-csv.ts'
import { dashboardRoutes } from './records/dashboard.ts'
import { dealRoutes } from './records/deals.ts'
import { documentRoutes } from './records/documents.ts'
import { invoiceRoutes } from './records/invoices.ts'
import { noteRoutes } from './records/notes.ts'
import { organisationRoutes } from './records/organisations.ts'
import { searchRoutes } from './records/search.ts'
import { settingsRoutes } from './records/settings.ts'

export const routes: readonly Route[] = [
  ...authRoutes,
  ...userRoutes,
  ...settingsRoutes,
  ...dashboardRoutes,
  ...searchRoutes,
  ...organisationRoutes,
  ...contactCsvRoutes,
  ...contactRoutes,
  ...dealRoutes,
  ...activityRoutes,
  ...noteRoutes,
  ...documentRoutes,
  ...invoiceRoutes,
  ...demoRoutes,
]
