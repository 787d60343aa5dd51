import { useRef, useState } from 'preact/hooks'
import { fileSize, moment, plural } from '../format.ts'
import { ActivityForm } from '../forms.tsx'
import type { Activity, HistoryEntry, Note, Page, StoredDocument } from '../records.ts'
import { call, RequestError, upload } from '../request.ts'
import { useLoad } from '../use-load.ts'
import { ActivityList } from './activity-list.tsx'
import { ConfirmDialog } from './dialog.tsx'
import { toast, toastError } from './toast.tsx'

export type Subject = { kind: 'organisation' | 'contact' | 'deal'; id: string; name: string }

const linkOf = (subject: Subject): string => `${subject.kind}Id`

export function ActivitiesOf({ subject }: { subject: Subject }) {
  const { data, reload } = useLoad<Page<Activity>>(`activities?${linkOf(subject)}=${subject.id}&limit=100`)
  const [adding, setAdding] = useState(false)
  const open = data?.items.filter((item) => !item.done) ?? []
  const done = data?.items.filter((item) => item.done) ?? []
  return (
    <section aria-label="Activities">
      <header class="section-head">
        <h2>Activities</h2>
        <button type="button" class="link" onClick={() => setAdding(true)}>
          Add activity
        </button>
      </header>
      {data && open.length === 0 && <p class="quiet">Nothing planned.</p>}
      <ActivityList items={open} onChanged={() => void reload()} />
      {done.length > 0 && (
        <details>
          <summary>{plural(done.length, 'done', 'done')}</summary>
          <ActivityList items={done} onChanged={() => void reload()} />
        </details>
      )}
      {adding && (
        <ActivityForm
          values={{ [linkOf(subject)]: subject.id }}
          chosen={{ [linkOf(subject)]: subject.name }}
          onClose={() => setAdding(false)}
          onSaved={() => {
            setAdding(false)
            void reload()
          }}
        />
      )}
    </section>
  )
}

export function NotesOf({ subject }: { subject: Subject }) {
  const { data, reload } = useLoad<Page<Note>>(`notes?${linkOf(subject)}=${subject.id}&limit=100`)
  const [text, setText] = useState('')
  const [error, setError] = useState('')
  const [doomed, setDoomed] = useState<Note | null>(null)
  const add = async (event: Event) => {
    event.preventDefault()
    try {
      await call('POST', 'notes', { body: text, [linkOf(subject)]: subject.id })
      setText('')
      setError('')
      await reload()
    } catch (reason) {
      if (reason instanceof RequestError) setError(reason.fields.body ?? reason.message)
    }
  }
  return (
    <section aria-label="Notes">
      <header class="section-head">
        <h2>Notes</h2>
      </header>
      <form class="note-form" onSubmit={(event) => void add(event)}>
        <textarea
          rows={2}
          aria-label={`Note about ${subject.name}`}
          placeholder="Write a note"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {text.trim() && (
          <button type="submit" class="primary">
            Add note
          </button>
        )}
        {error && (
          <p class="error" role="alert">
            {error}
          </p>
        )}
      </form>
      <ul class="notes">
        {data?.items.map((note) => (
          <li key={note.id}>
            <p class="text">{note.body}</p>
            <p class="quiet">
              {note.ownerName ?? 'Somebody'}, {moment(note.createdAt)}
              <button type="button" class="link quiet" onClick={() => setDoomed(note)}>
                Delete
              </button>
            </p>
          </li>
        ))}
      </ul>
      {doomed && (
        <ConfirmDialog
          title="Delete this note?"
          action="Delete note"
          onClose={() => setDoomed(null)}
          onConfirm={async () => {
            await call('DELETE', `notes/${doomed.id}`)
            setDoomed(null)
            await reload()
          }}
        >
          <p class="text">{doomed.body}</p>
        </ConfirmDialog>
      )}
    </section>
  )
}

export function DocumentsOf({ subject }: { subject: Subject }) {
  const { data, reload } = useLoad<Page<StoredDocument>>(
    `documents?${linkOf(subject)}=${subject.id}&limit=100`,
  )
  return (
    <section aria-label="Documents">
      <header class="section-head">
        <h2>Documents</h2>
        <UploadButton fields={{ [linkOf(subject)]: subject.id }} onDone={() => void reload()} />
      </header>
      {data && data.items.length === 0 && <p class="quiet">None yet.</p>}
      <ul class="documents">
        {data?.items.map((item) => (
          <li key={item.id}>
            <a href={`/api/documents/${item.id}/content`} download={item.name}>
              {item.name}
            </a>
            <span class="quiet figures">{fileSize(item.size)}</span>
            <DeleteDocument document={item} onDone={() => void reload()} />
          </li>
        ))}
      </ul>
    </section>
  )
}

export function UploadButton(props: {
  fields?: Record<string, string>
  onDone: () => void
  primary?: boolean
}) {
  const input = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const send = async () => {
    const files = [...(input.current?.files ?? [])]
    setBusy(true)
    try {
      for (const file of files) await upload('documents', file, props.fields ?? {})
      toast({ text: `Uploaded ${plural(files.length, 'document')}` })
    } catch (error) {
      toastError(error)
    }
    setBusy(false)
    if (input.current) input.current.value = ''
    props.onDone()
  }
  return (
    <>
      <input ref={input} type="file" multiple hidden tabIndex={-1} onChange={() => void send()} />
      <button
        type="button"
        class={props.primary ? 'primary' : 'link'}
        disabled={busy}
        onClick={() => input.current?.click()}
      >
        {busy ? 'Uploading…' : 'Upload document'}
      </button>
    </>
  )
}

export function DeleteDocument({ document, onDone }: { document: StoredDocument; onDone: () => void }) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <button
        type="button"
        class="link quiet"
        aria-label={`Delete ${document.name}`}
        onClick={() => setAsking(true)}
      >
        Delete
      </button>
      {asking && (
        <ConfirmDialog
          title={`Delete ${document.name}?`}
          action="Delete document"
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await call('DELETE', `documents/${document.id}`)
            setAsking(false)
            onDone()
          }}
        >
          <p>The file ({fileSize(document.size)}) is removed for everyone.</p>
        </ConfirmDialog>
      )}
    </>
  )
}

const SAID: Record<string, string> = {
  created: 'added',
  updated: 'changed',
  deleted: 'deleted',
  moved: 'moved',
  sent: 'sent',
  paid: 'marked payment of',
  imported: 'imported',
}

export const historyVerb = (entry: HistoryEntry): string => SAID[entry.action] ?? entry.action

const words = (name: string): string =>
  name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).replace(/ (id|minor|on)$/, '')

export function HistoryOf({ subject }: { subject: Pick<Subject, 'id'> & { kind: string } }) {
  const { data } = useLoad<{ items: HistoryEntry[] }>(`history?entity=${subject.kind}&id=${subject.id}`)
  const items = data?.items.filter((entry) => entry.action !== 'read') ?? []
  if (items.length === 0) return null
  return (
    <section aria-label="History">
      <h2>History</h2>
      <ul class="history">
        {items.slice(0, 12).map((entry) => (
          <li key={entry.id}>
            <span class="quiet figures">{moment(entry.at)}</span>
            <span>
              {entry.actorName ?? 'Somebody'} {historyVerb(entry)}
              {entry.action === 'updated' ? ` ${entry.fields.map(words).join(', ')}` : ' this'}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
