import { useEffect, useState } from 'preact/hooks'

export const BASE = '/app'

export type Place = { path: string; query: URLSearchParams }

const here = (): Place => ({
  path: location.pathname.slice(BASE.length) || '/',
  query: new URLSearchParams(location.search),
})

const CHANGED = 'crm:place'

/** `replace` keeps filters out of the way of the back button. */
export function go(path: string, options: { replace?: boolean } = {}): void {
  const url = BASE + path
  if (options.replace) history.replaceState(null, '', url)
  else history.pushState(null, '', url)
  dispatchEvent(new Event(CHANGED))
  if (!options.replace) scrollTo(0, 0)
}

export function setQuery(changes: Record<string, string | null>): void {
  const { path, query } = here()
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value)
    else query.delete(name)
  }
  const text = query.toString()
  go(path + (text ? `?${text}` : ''), { replace: true })
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here)
  useEffect(() => {
    const update = () => setPlace(here())
    addEventListener('popstate', update)
    addEventListener(CHANGED, update)
    return () => {
      removeEventListener('popstate', update)
      removeEventListener(CHANGED, update)
    }
  }, [])
  return place
}

/** Plain links stay plain links: only an unmodified click on one of ours is taken over. */
export function interceptLinks(): void {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0
    if (!link || modified || event.defaultPrevented || link.target || link.hasAttribute('download')) return
    if (link.origin !== location.origin || !link.pathname.startsWith(`${BASE}/`)) return
    if (link.getAttribute('href')?.startsWith('#')) return
    event.preventDefault()
    go(link.pathname.slice(BASE.length) + link.search)
  })
}

/** One place for every address of a record. */
export const pathTo = (kind: string, id: string, title = ''): string =>
  ({
    contact: `/contacts/${id}`,
    organisation: `/organisations/${id}`,
    deal: `/deals/${id}`,
    invoice: `/invoices/${id}`,
    activity: `/activities?open=${id}`,
    document: `/documents?q=${encodeURIComponent(title)}`,
  })[kind] ?? '/'
