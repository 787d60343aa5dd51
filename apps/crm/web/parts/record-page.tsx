import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { plural } from '../format.ts'
import { call } from '../request.ts'
import { BASE, go } from '../router.ts'
import { ConfirmDialog } from './dialog.tsx'

type Attached = { notes: number; activities: number; documents: number }

/** Head, facts and sections of one record; the same frame for all kinds. */
export function RecordPage(props: {
  crumb: [path: string, label: string]
  title: string
  subtitle?: ComponentChildren
  noun: string
  api: string
  attached?: Attached | undefined
  alsoGone?: string
  actions?: ComponentChildren
  facts: ComponentChildren
  children: ComponentChildren
}) {
  const [asking, setAsking] = useState(false)
  const [back, label] = props.crumb
  const gone = props.attached
    ? [
        props.attached.notes && plural(props.attached.notes, 'note'),
        props.attached.activities && plural(props.attached.activities, 'activity', 'activities'),
        props.attached.documents && plural(props.attached.documents, 'document'),
      ].filter(Boolean)
    : []
  return (
    <main id="main">
      <p class="crumb">
        <a href={BASE + back}>{label}</a>
      </p>
      <header class="page-head">
        <div>
          <h1>{props.title}</h1>
          {props.subtitle && <p class="subtitle">{props.subtitle}</p>}
        </div>
        <div class="actions">
          {props.actions}
          <button type="button" onClick={() => setAsking(true)}>
            Delete
          </button>
        </div>
      </header>
      <div class="record">
        <aside>{props.facts}</aside>
        <div class="sections">{props.children}</div>
      </div>
      {asking && (
        <ConfirmDialog
          title={`Delete ${props.title}?`}
          action={`Delete ${props.noun}`}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await call('DELETE', props.api)
            go(back)
          }}
        >
          <p>
            {gone.length > 0 ? `With it go ${gone.join(', ')}. ` : ''}
            {props.alsoGone} This cannot be undone.
          </p>
        </ConfirmDialog>
      )}
    </main>
  )
}

/** A list of label and value; what is empty is left out. */
export function Facts({ items }: { items: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {items
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
