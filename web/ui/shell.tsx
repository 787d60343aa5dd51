import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react'
import { isApiProblem } from '../data/api.ts'
import { listenForChanges } from '../data/live.ts'
import { promisesQuery } from '../data/promises.ts'
import { type Me, meQuery } from '../data/session.ts'
import { SignInPage } from '../pages/sign-in.tsx'
import { useWords } from '../words/language.ts'
import { shellWords } from '../words/shell.ts'
import { BrandMark } from './brand-mark.tsx'
import { useFavicon } from './favicon.ts'
import { MainPages } from './navigation.tsx'
import { useShortcuts } from './shortcuts.ts'
import { LoadingLines, ProblemNote } from './states.tsx'
import { LanguageSwitch, ThemeSwitch } from './switches.tsx'

const Palette = lazy(() => import('./palette.tsx'))
const KeyHelp = lazy(() => import('./key-help.tsx'))
const SessionMenu = lazy(() => import('./session-menu.tsx'))
const PhoneMenu = lazy(() => import('./phone-menu.tsx'))
const Toasts = lazy(() => import('./toasts.tsx'))
const DemoBanner = lazy(() => import('./demo-banner.tsx'))

const WIDTH = 'mx-auto max-w-[1360px] px-4 md:px-8'

/** What stands around every page; asks for a sign-in where nobody is signed in. */
export function Shell() {
  const { data: me, error, refetch, isPending } = useQuery(meQuery)
  if (me) return <SignedIn me={me} isAway={isApiProblem(error, 'unreachable')} />
  return (
    <>
      <header className={`${WIDTH} flex items-center justify-between gap-4 py-3`}>
        <Brand />
        <div className="flex items-center gap-1">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </header>
      <Main>
        {isPending ? (
          <LoadingLines />
        ) : error ? (
          <ProblemNote error={error} retry={() => void refetch()} />
        ) : (
          <SignInPage />
        )}
      </Main>
    </>
  )
}

function Main({ children }: { children: ReactNode }) {
  return (
    <main id="content" tabIndex={-1} className={`${WIDTH} pt-6 pb-24 outline-none md:pt-10`}>
      {children}
    </main>
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

function SignedIn({ me, isAway }: { me: Me; isAway: boolean }) {
  const words = useWords(shellWords)
  const [open, setOpen] = useState<'palette' | 'help'>()
  const promises = useQuery(promisesQuery)
  useEffect(listenForChanges, [])
  useFavicon(promises.data)
  useShortcuts(useMemo(() => ({ search: () => setOpen('palette'), help: () => setOpen('help') }), []))
  const cannotReach = isAway || isApiProblem(promises.error, 'unreachable')
  const search = () => setOpen('palette')
  const close = () => setOpen(undefined)
  return (
    <>
      <a
        href="#content"
        className="sr-only bg-paper px-4 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-20"
      >
        {words.skip}
      </a>
      {me.world.demo ? (
        <Suspense fallback={<div className="h-10 border-b border-line" />}>
          <DemoBanner />
        </Suspense>
      ) : null}
      <header className="border-b border-line">
        <div className={`${WIDTH} flex items-center gap-x-8 py-3`}>
          <Brand />
          <MainPages className="hidden min-w-0 flex-1 lg:flex" />
          <div className="ml-auto hidden items-center gap-1 lg:flex">
            <button
              type="button"
              onClick={search}
              className="mr-1 flex min-h-8 items-center gap-3 rounded border border-line px-3 text-14 text-quiet hover:border-line-strong"
            >
              {words.search}
              <kbd className="text-13">Ctrl K</kbd>
            </button>
            <LanguageSwitch />
            <ThemeSwitch />
            <Suspense fallback={<span className="px-2 text-14 text-quiet">{me.person?.name}</span>}>
              <SessionMenu me={me} onHelp={() => setOpen('help')} />
            </Suspense>
          </div>
          <Suspense fallback={<span className="ml-auto min-h-11 px-2 lg:hidden" />}>
            <PhoneMenu me={me} onSearch={search} className="ml-auto lg:hidden" />
          </Suspense>
        </div>
      </header>
      {cannotReach ? (
        <p role="status" className="border-b border-broken px-4 py-2 text-center text-14 text-broken">
          {words.offline}
        </p>
      ) : null}
      <Main>
        <Outlet />
      </Main>
      <Suspense>
        {open === 'palette' ? <Palette onClose={close} /> : null}
        {open === 'help' ? <KeyHelp onClose={close} /> : null}
        <Toasts />
      </Suspense>
    </>
  )
}
