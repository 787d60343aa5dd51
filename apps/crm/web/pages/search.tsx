import { Empty, Loading } from '../parts/states.tsx'
import type { Hit } from '../records.ts'
import { BASE, pathTo, usePlace } from '../router.ts'
import { useLoad } from '../use-load.ts'

const KINDS: Record<string, string> = {
  organisation: 'Organisations',
  contact: 'Contacts',
  deal: 'Deals',
  activity: 'Activities',
  document: 'Documents',
  invoice: 'Invoices',
}

export function SearchPage() {
  const { query } = usePlace()
  const q = query.get('q') ?? ''
  const { data } = useLoad<{ items: Hit[] }>(q ? `search?q=${encodeURIComponent(q)}` : null)
  const groups = Map.groupBy(data?.items ?? [], (hit) => hit.kind)
  return (
    <main id="main">
      <header class="page-head">
        <h1>{q ? `Search: ${q}` : 'Search'}</h1>
      </header>
      {!q && (
        <Empty title="What are you looking for?">
          <p>Type a name, a number or a word into the search field; notes and file names are searched too.</p>
        </Empty>
      )}
      {!data && q && <Loading />}
      {data && data.items.length === 0 && (
        <Empty title="Nothing found.">
          <p>Names, numbers, notes and file names are searched. Fewer letters find more.</p>
        </Empty>
      )}
      {[...groups].map(([kind, hits]) => (
        <section key={kind} aria-label={KINDS[kind]} class="hits">
          <h2>{KINDS[kind]}</h2>
          <ul class="rows">
            {hits.map((hit) => (
              <li key={hit.id + hit.title}>
                <a href={BASE + pathTo(hit.kind, hit.id, hit.title)}>{hit.title}</a>
                <span class="quiet">{hit.detail}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </main>
  )
}
