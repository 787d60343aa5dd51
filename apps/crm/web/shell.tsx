import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Toasts } from './parts/toast.tsx'
import { call } from './request.ts'
import { BASE, go, usePlace } from './router.ts'
import { useSession } from './session.ts'
import { useTheme } from './theme.ts'

const PLACES = [
  ['/', 'Today'],
  ['/contacts', 'Contacts'],
  ['/organisations', 'Organisations'],
  ['/deals', 'Deals'],
  ['/activities', 'Activities'],
  ['/documents', 'Documents'],
  ['/invoices', 'Invoices'],
] as const

// On a phone these four and the menu stand at the bottom, where the thumb is.
const THUMB = new Set(['/', '/contacts', '/deals', '/activities'])

export function Shell({ children }: { children: ComponentChildren }) {
  const { company } = useSession()
  const { path } = usePlace()
  const [menu, setMenu] = useState(false)
  useEffect(() => setMenu(false), [path])
  const current = (to: string) => (to === '/' ? path === '/' : path.startsWith(to)) || undefined
  const elsewhere = !PLACES.some(([to]) => THUMB.has(to) && current(to))
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="rail">
        <a class="brand" href={`${BASE}/`}>
          {company.name}
        </a>
        <Search />
        <nav aria-label="Main" class={menu ? 'open' : ''}>
          {PLACES.map(([to, name]) => (
            <a
              key={to}
              href={BASE + to}
              class={THUMB.has(to) ? 'thumb' : 'more'}
              aria-current={current(to) && 'page'}
            >
              {name}
            </a>
          ))}
          <button
            type="button"
            class={elsewhere ? 'menu thumb here' : 'menu thumb'}
            aria-expanded={menu}
            onClick={() => setMenu(!menu)}
          >
            More
          </button>
          <Person />
        </nav>
      </header>
      {children}
      <Toasts />
    </div>
  )
}

function Person() {
  const { user, reload } = useSession()
  const { path } = usePlace()
  const [theme, nextTheme] = useTheme()
  const signOut = async () => {
    await call('POST', 'sign-out').catch(() => undefined)
    await reload()
  }
  return (
    <div class="person more">
      <a href={`${BASE}/settings/account`} aria-current={path.startsWith('/settings') ? 'page' : undefined}>
        Settings
      </a>
      <button type="button" onClick={nextTheme}>
        Theme: {theme}
      </button>
      <button type="button" onClick={() => void signOut()}>
        Sign out<span class="hidden"> {user.name}</span>
      </button>
      <p class="quiet">{user.name}</p>
    </div>
  )
}

function Search() {
  const { path, query } = usePlace()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  useEffect(() => setText(path === '/search' ? (query.get('q') ?? '') : ''), [path])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input, textarea, select, dialog')
      const shortcut =
        (event.key === 'k' && (event.metaKey || event.ctrlKey)) || (event.key === '/' && !typing)
      if (!shortcut) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  useEffect(() => {
    const wanted = text.trim()
    if (!wanted || (path === '/search' && query.get('q') === wanted)) return
    const timer = setTimeout(
      () => go(`/search?q=${encodeURIComponent(wanted)}`, { replace: path === '/search' }),
      250,
    )
    return () => clearTimeout(timer)
  }, [text])
  return (
    <search>
      <input
        ref={input}
        type="search"
        aria-label="Search everything"
        placeholder={matchMedia('(hover: hover) and (min-width: 761px)').matches ? 'Search  /' : 'Search'}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </search>
  )
}
