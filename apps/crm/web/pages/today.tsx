import { useState } from 'preact/hooks'
import { longDate, moment, money, plural } from '../format.ts'
import { ActivityList } from '../parts/activity-list.tsx'
import { historyVerb } from '../parts/attached.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { toastError } from '../parts/toast.tsx'
import { type Dashboard, type HistoryEntry, STAGES } from '../records.ts'
import { call } from '../request.ts'
import { BASE, pathTo } from '../router.ts'
import { useSession } from '../session.ts'
import { useLoad } from '../use-load.ts'

/** Answers: what must I do today, and how do we stand? */
export function TodayPage() {
  const { data, error, reload } = useLoad<Dashboard>('dashboard')
  if (error)
    return (
      <main id="main">
        <Failed error={error} retry={() => void reload()} />
      </main>
    )
  if (!data)
    return (
      <main id="main">
        <Loading />
      </main>
    )
  const today = data.due.filter((item) => !item.overdue && item.dueOn && isToday(item.dueOn)).length
  return (
    <main id="main">
      <header class="page-head">
        <div>
          <h1>{longDate(new Date())}</h1>
          <p class="subtitle">
            {data.counts.overdue > 0 ? (
              <a href={`${BASE}/activities?state=overdue`}>{data.counts.overdue} overdue</a>
            ) : (
              'Nothing overdue'
            )}
            , {today} due today
          </p>
        </div>
      </header>
      {data.counts.organisations + data.counts.contacts === 0 ? (
        <Welcome onFilled={reload} />
      ) : (
        <Standing data={data} reload={() => void reload()} />
      )}
    </main>
  )
}

const isToday = (text: string): boolean => {
  const now = new Date()
  const [year, month, day] = text.split('-').map(Number)
  return year === now.getFullYear() && month === now.getMonth() + 1 && day === now.getDate()
}

function Welcome({ onFilled }: { onFilled: () => Promise<void> }) {
  const { user, reload } = useSession()
  const [busy, setBusy] = useState(false)
  const fill = async () => {
    setBusy(true)
    try {
      await call('POST', 'sample-data', {})
      await Promise.all([reload(), onFilled()])
    } catch (error) {
      toastError(error)
      setBusy(false)
    }
  }
  return (
    <Empty title="Your CRM is empty.">
      <p>Begin with whoever you talked to last, or bring everybody along from another system.</p>
      <p class="actions">
        <a class="button primary" href={`${BASE}/contacts`}>
          Add a contact
        </a>
        <a class="button" href={`${BASE}/settings/import`}>
          Import a CSV file
        </a>
      </p>
      {user.role === 'admin' && (
        <p>
          Only looking around?{' '}
          <button type="button" class="link" disabled={busy} onClick={() => void fill()}>
            {busy ? 'Filling it …' : 'Fill it with sample data'}
          </button>
        </p>
      )}
    </Empty>
  )
}

function Standing({ data, reload }: { data: Dashboard; reload: () => void }) {
  return (
    <div class="today">
      <section aria-label="Due within a week">
        <h2>Due within a week</h2>
        {data.due.length === 0 && <p class="quiet">Nothing. Enjoy it.</p>}
        <ActivityList items={data.due} onChanged={reload} about />
      </section>
      <div>
        <Pipeline data={data} />
        <Receivable data={data} />
        <section aria-label="Recent">
          <h2>Recent</h2>
          <ul class="history">
            {data.recent.map((entry) => (
              <Recent key={entry.id} entry={entry} />
            ))}
          </ul>
        </section>
      </div>
    </div>
  )
}

/** A ledger page: currencies are never added up, each has its column. */
function Pipeline({ data }: { data: Dashboard }) {
  const sums = new Map<string, number>()
  for (const row of data.pipeline) sums.set(row.currency, (sums.get(row.currency) ?? 0) + row.amountMinor)
  const home = useSession().company.currency
  const rank = (currency: string) => (currency === home ? Number.MAX_SAFE_INTEGER : (sums.get(currency) ?? 0))
  const currencies = [...sums.keys()].sort((a, b) => rank(b) - rank(a))
  const open = STAGES.filter(([id]) => id !== 'won' && id !== 'lost')
  return (
    <section aria-label="Pipeline">
      <header class="section-head">
        <h2>Pipeline</h2>
        <a href={`${BASE}/deals`}>Open board</a>
      </header>
      {currencies.length === 0 ? (
        <p class="quiet">No open deals.</p>
      ) : (
        currencies.map((currency) => (
          <div key={currency} class="pipe">
            <p class="pipe-sum figures">{money(sums.get(currency) ?? 0, currency)}</p>
            <ol class="pipe-bar">
              {open.map(([stage, name]) => {
                const row = data.pipeline.find((r) => r.currency === currency && r.id === stage)
                if (!row) return null
                return (
                  <li key={stage} class={stage} style={{ flexGrow: row.amountMinor }}>
                    <span class="hidden">
                      {name} {money(row.amountMinor, currency)}
                    </span>
                  </li>
                )
              })}
            </ol>
          </div>
        ))
      )}
      {currencies.length > 0 && (
        <p class="pipe-key" aria-hidden="true">
          {open.map(([stage, name]) => (
            <span key={stage} class={stage}>
              {name}
            </span>
          ))}
        </p>
      )}
      {data.won.length > 0 && (
        <p class="quiet">
          Won in 90 days: {data.won.map((row) => money(row.amountMinor, row.currency)).join(', ')}
        </p>
      )}
    </section>
  )
}

function Receivable({ data }: { data: Dashboard }) {
  if (data.receivable.length === 0) return null
  return (
    <section aria-label="Unpaid invoices">
      <header class="section-head">
        <h2>Unpaid</h2>
        <a href={`${BASE}/invoices?status=sent`}>Invoices</a>
      </header>
      <ul class="rows">
        {data.receivable.map((row) => (
          <li key={row.currency}>
            <span class="figures">{money(row.amountMinor, row.currency)}</span>
            <span class="quiet">{plural(row.count, 'invoice')}</span>
            <span class={row.overdue > 0 ? 'figures late' : 'figures quiet'}>
              {row.overdue > 0 ? `${money(row.overdueMinor, row.currency)} overdue` : 'none overdue'}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Recent({ entry }: { entry: HistoryEntry }) {
  const linked = entry.title && entry.entityId && entry.entity !== 'note'
  return (
    <li>
      <span class="quiet figures">{moment(entry.at)}</span>
      <span>
        {entry.actorName ?? 'Somebody'} {historyVerb(entry)}{' '}
        {entry.entity === 'note' ? 'a note' : entry.title ? '' : `a ${entry.entity}`}
        {linked && (
          <a href={BASE + pathTo(entry.entity, entry.entityId!, entry.title ?? '')}>{entry.title}</a>
        )}
        {entry.entity === 'note' && entry.title && <span class="quiet">: {entry.title}</span>}
      </span>
    </li>
  )
}
