import { render } from 'preact'
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import { ActivitiesPage } from './pages/activities.tsx'
import { ContactPage, ContactsPage } from './pages/contacts.tsx'
import { DealPage, PipelinePage } from './pages/deals.tsx'
import { DocumentsPage } from './pages/documents.tsx'
import { InvitePage, SetupPage, SignInPage } from './pages/entrance.tsx'
import { InvoicePage, InvoicesPage, NewInvoicePage } from './pages/invoices.tsx'
import { OrganisationPage, OrganisationsPage } from './pages/organisations.tsx'
import { SearchPage } from './pages/search.tsx'
import { SettingsPage } from './pages/settings.tsx'
import { TodayPage } from './pages/today.tsx'
import { Failed } from './parts/states.tsx'
import type { Me } from './records.ts'
import { get, RequestError, whenSignedOut } from './request.ts'
import { BASE, interceptLinks, usePlace } from './router.ts'
import { SessionContext } from './session.ts'
import { Shell } from './shell.tsx'
import { applyTheme } from './theme.ts'

const PAGES: Record<
  string,
  { title: string; list: () => preact.JSX.Element; one?: (id: string) => preact.JSX.Element }
> = {
  '': { title: 'Today', list: () => <TodayPage /> },
  contacts: {
    title: 'Contacts',
    list: () => <ContactsPage />,
    one: (id) => <ContactPage key={id} id={id} />,
  },
  organisations: {
    title: 'Organisations',
    list: () => <OrganisationsPage />,
    one: (id) => <OrganisationPage key={id} id={id} />,
  },
  deals: { title: 'Deals', list: () => <PipelinePage />, one: (id) => <DealPage key={id} id={id} /> },
  activities: { title: 'Activities', list: () => <ActivitiesPage /> },
  documents: { title: 'Documents', list: () => <DocumentsPage /> },
  invoices: {
    title: 'Invoices',
    list: () => <InvoicesPage />,
    one: (id) => (id === 'new' ? <NewInvoicePage /> : <InvoicePage key={id} id={id} />),
  },
  search: { title: 'Search', list: () => <SearchPage /> },
  settings: {
    title: 'Settings',
    list: () => <SettingsPage tab="account" />,
    one: (tab) => <SettingsPage tab={tab} />,
  },
}

function App() {
  const [me, setMe] = useState<Me | null>(null)
  const [error, setError] = useState<RequestError | null>(null)
  const { path } = usePlace()
  const [, name = '', id] = path.split('/')

  const reload = useCallback(async () => {
    try {
      setMe(await get<Me>('me'))
      setError(null)
    } catch (reason) {
      if (reason instanceof RequestError) setError(reason)
    }
  }, [])
  useEffect(() => {
    whenSignedOut(() => void reload())
    void reload()
  }, [reload])
  useEffect(() => {
    document.title = [PAGES[name]?.title, me?.company.name].filter(Boolean).join(' – ')
  }, [name, me])
  const session = useMemo(
    () => (me?.user ? { user: me.user, company: me.company, reload } : null),
    [me, reload],
  )

  if (error)
    return (
      <main id="main" class="entrance">
        <Failed error={error} retry={() => void reload()} />
      </main>
    )
  if (!me) return null
  if (name === 'invite' && id) return <InvitePage company={me.company} onSignedIn={reload} token={id} />
  if (!session)
    return me.firstRun ? (
      <SetupPage company={me.company} onSignedIn={reload} />
    ) : (
      <SignInPage company={me.company} onSignedIn={reload} />
    )
  const page = PAGES[name]
  const content = id && page?.one ? page.one(id) : !id && page ? page.list() : null
  return (
    <SessionContext.Provider value={session}>
      <Shell>
        {content ?? (
          <main id="main">
            <div class="empty">
              <h1 class="lead">There is no such page.</h1>
              <a href={`${BASE}/`}>Go to today</a>
            </div>
          </main>
        )}
      </Shell>
    </SessionContext.Provider>
  )
}

applyTheme()
interceptLinks()
const root = document.getElementById('app')
if (root) render(<App />, root)
if ('serviceWorker' in navigator && isSecureContext) {
  navigator.serviceWorker.register('/sw.js', { scope: '/app/' }).catch(() => undefined)
}
