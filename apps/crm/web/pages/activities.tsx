import { useEffect, useState } from 'preact/hooks'
import { plural } from '../format.ts'
import { ActivityForm } from '../forms.tsx'
import { ActivityList } from '../parts/activity-list.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import type { Activity, Page } from '../records.ts'
import { get } from '../request.ts'
import { setQuery, usePlace } from '../router.ts'
import { useSession } from '../session.ts'
import { useLoad } from '../use-load.ts'

const STATES = [
  ['open', 'Open'],
  ['overdue', 'Overdue'],
  ['done', 'Done'],
] as const

export function ActivitiesPage() {
  const { query } = usePlace()
  const { user } = useSession()
  const [open, setOpen] = useState<Activity | 'new' | null>(null)
  const state = query.get('state') ?? 'open'
  const mine = query.get('mine') === '1'
  const params = new URLSearchParams({ state, limit: '100', sort: state === 'done' ? '-doneAt' : 'dueOn' })
  if (mine) params.set('ownerId', user.id)
  const { data, error, reload } = useLoad<Page<Activity>>(`activities?${params}`)
  const wanted = query.get('open')
  useEffect(() => {
    if (wanted) get<Activity>(`activities/${wanted}`).then(setOpen, () => undefined)
  }, [wanted])
  const close = () => {
    setOpen(null)
    if (wanted) setQuery({ open: null })
  }
  return (
    <main id="main">
      <header class="page-head">
        <h1>Activities</h1>
        <div class="actions">
          <button type="button" class="primary" onClick={() => setOpen('new')}>
            Add activity
          </button>
        </div>
      </header>
      <div class="filters">
        <fieldset class="switch">
          <legend class="hidden">Which</legend>
          {STATES.map(([id, name]) => (
            <button
              key={id}
              type="button"
              aria-pressed={state === id}
              onClick={() => setQuery({ state: id === 'open' ? null : id })}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <label class="check">
          <input
            type="checkbox"
            checked={mine}
            onChange={(event) => setQuery({ mine: event.currentTarget.checked ? '1' : null })}
          />
          Only mine
        </label>
        <span class="count quiet">{data ? plural(data.total, 'activity', 'activities') : ''}</span>
      </div>
      {error && !data && <Failed error={error} retry={() => void reload()} />}
      {!data && !error && <Loading />}
      {data && data.items.length === 0 && (
        <Empty
          title={
            state === 'overdue'
              ? 'Nothing is overdue.'
              : state === 'done'
                ? 'Nothing done yet.'
                : 'Nothing planned.'
          }
        />
      )}
      {data && <ActivityList items={data.items} onChanged={() => void reload()} about />}
      {open && (
        <ActivityForm
          record={open === 'new' ? undefined : open}
          onClose={close}
          onSaved={() => {
            close()
            void reload()
          }}
        />
      )}
    </main>
  )
}
