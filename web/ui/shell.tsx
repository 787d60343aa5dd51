import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import { isApiProblem } from '../data/api.ts'
import { listenForChanges } from '../data/live.ts'
import { type Session, sessionQuery } from '../data/session.ts'
import { SignInPage } from '../pages/sign-in.tsx'
import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'
import { BrandMark } from './brand-mark.tsx'
import { LoadingLines, ProblemNote } from './states.tsx'
import { LanguageSwitch, ThemeSwitch } from './switches.tsx'

/** What stands around every page; asks for a sign-in where nobody is signed in. */
export function Shell() {
  const { data: session, error, refetch, isPending } = useQuery(sessionQuery)
  const words = useWords(shellWords)
  if (session) return <SignedIn session={session} />
  return (
    <Frame>
      {isPending ? (
        <LoadingLines />
      ) : error ? (
        <ProblemNote error={error} retry={() => void refetch()} />
      ) : (
        <SignInPage />
      )}
      <span className="sr-only">{isPending ? words.loading : ''}</span>
    </Frame>
  )
}

function Frame({ children }: { children: React.ReactNode }) {
  return (
    <>
      <header className="mx-auto flex max-w-[1360px] items-center justify-between gap-4 px-4 py-4 md:px-8">
        <Brand />
        <div className="flex items-center gap-1">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto max-w-[1360px] px-4 py-8 outline-none md:px-8">
        {children}
      </main>
    </>
  )
}

function Brand() {
  return (
    <Link
      to="/"
      className="flex items-center gap-2.5 text-20 font-[650] tracking-tight text-ink no-underline"
    >
      <BrandMark />
      Borgen
    </Link>
  )
}

const MAIN_PAGES = [
  ['/', 'board'],
  ['/accounts', 'accounts'],
  ['/instances', 'instances'],
  ['/regions', 'regions'],
  ['/log', 'log'],
  ['/approvals', 'approvals'],
  ['/overview', 'overview'],
  ['/people', 'people'],
  ['/settings', 'settings'],
] as const

function SignedIn({ session }: { session: Session }) {
  const words = useWords(shellWords)
  useEffect(listenForChanges, [])
  const { isError, error } = useQuery(sessionQuery)
  const isAway = isError && isApiProblem(error, 'unreachable')
  return (
    <>
      <a
        href="#content"
        className="sr-only z-20 bg-paper px-4 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {words.skip}
      </a>
      <header className="border-b border-line">
        <div className="mx-auto flex max-w-[1360px] flex-wrap items-center gap-x-8 gap-y-1 px-4 py-3 md:px-8">
          <Brand />
          <nav
            aria-label={words.navigation}
            className="order-last -mx-2 flex min-w-0 basis-full overflow-x-auto md:order-none md:basis-auto md:flex-1"
          >
            {MAIN_PAGES.map(([to, name]) => (
              <Link
                key={to}
                to={to}
                activeOptions={{ exact: to === '/', includeSearch: false }}
                className="px-2 py-1.5 text-14 whitespace-nowrap text-quiet no-underline hover:text-ink"
                activeProps={{ className: 'text-ink! font-semibold' }}
              >
                {words.pages[name]}
              </Link>
            ))}
          </nav>
          <div className="ml-auto flex items-center gap-1">
            {session.world.demo ? (
              <span className="mr-2 rounded border border-line-strong px-2 text-13 text-quiet">
                {words.demoWorld}
              </span>
            ) : null}
            <LanguageSwitch />
            <ThemeSwitch />
            <form method="post" action="/sign-out">
              <button type="submit" className="min-h-8 px-2 text-14 text-quiet hover:text-ink">
                {words.signOut}
              </button>
            </form>
          </div>
        </div>
      </header>
      {isAway ? (
        <p role="status" className="border-b border-broken px-4 py-2 text-center text-14 text-broken">
          {words.offline}
        </p>
      ) : null}
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto max-w-[1360px] px-4 pt-8 pb-24 outline-none md:px-8 md:pt-10"
      >
        <Outlet />
      </main>
    </>
  )
}
