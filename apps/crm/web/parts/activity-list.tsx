import { useState } from 'preact/hooks'
import { dueDay } from '../format.ts'
import { ActivityForm } from '../forms.tsx'
import type { Activity } from '../records.ts'
import { call } from '../request.ts'
import { BASE } from '../router.ts'
import { toast, toastError } from './toast.tsx'

const KINDS = { call: 'Call', meeting: 'Meeting', task: 'Task' }

/** Ticking is the commonest thing done here, so it is one click, and one more takes it back. */
export function ActivityList(props: { items: readonly Activity[]; onChanged: () => void; about?: boolean }) {
  const [open, setOpen] = useState<Activity | null>(null)
  const mark = async (activity: Activity, done: boolean) => {
    try {
      await call('PATCH', `activities/${activity.id}`, { done })
      props.onChanged()
      if (done) {
        const undo = async () => {
          await call('PATCH', `activities/${activity.id}`, { done: false })
          props.onChanged()
        }
        toast({ text: `Done: ${activity.subject}`, undo })
      }
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <>
      <ul class="activities">
        {props.items.map((activity) => (
          <li key={activity.id} class={activity.done ? 'done' : activity.overdue ? 'overdue' : ''}>
            <input
              type="checkbox"
              checked={activity.done}
              aria-label={`Done: ${activity.subject}`}
              onChange={(event) => void mark(activity, event.currentTarget.checked)}
            />
            <div>
              <button type="button" class="title" onClick={() => setOpen(activity)}>
                {activity.subject}
              </button>
              <p class="quiet">
                {KINDS[activity.kind]}
                {props.about && <About activity={activity} />}
              </p>
            </div>
            <span class="due figures">{activity.dueOn ? dueDay(activity.dueOn) : ''}</span>
          </li>
        ))}
      </ul>
      {open && (
        <ActivityForm
          record={open}
          onClose={() => setOpen(null)}
          onSaved={() => {
            setOpen(null)
            props.onChanged()
          }}
        />
      )}
    </>
  )
}

function About({ activity }: { activity: Activity }) {
  const [path, name] = activity.dealId
    ? [`/deals/${activity.dealId}`, activity.dealTitle]
    : activity.contactId
      ? [`/contacts/${activity.contactId}`, activity.contactName]
      : [`/organisations/${activity.organisationId}`, activity.organisationName]
  return name ? (
    <>
      {', '}
      <a href={BASE + path}>{name}</a>
    </>
  ) : null
}
