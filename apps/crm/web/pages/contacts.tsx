import { useState } from 'preact/hooks'
import { date, money } from '../format.ts'
import { ContactForm } from '../forms.tsx'
import { ActivitiesOf, DocumentsOf, HistoryOf, NotesOf } from '../parts/attached.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { Facts, RecordPage } from '../parts/record-page.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { type Contact, type Deal, fullName, type Page } from '../records.ts'
import { BASE, go } from '../router.ts'
import { useLoad } from '../use-load.ts'

export function ContactsPage() {
  const [adding, setAdding] = useState(false)
  const add = (
    <button type="button" class="primary" onClick={() => setAdding(true)}>
      Add contact
    </button>
  )
  return (
    <>
      <ListPage<Contact>
        title="Contacts"
        noun="contact"
        api="contacts"
        pathOf={(contact) => `/contacts/${contact.id}`}
        columns={[
          { head: 'Name', sort: 'name', cell: (c) => fullName(c) },
          { head: 'Organisation', sort: 'organisation', cell: (c) => c.organisationName },
          { head: 'Title', wide: true, cell: (c) => c.title },
          {
            head: 'E-mail',
            wide: true,
            whole: true,
            cell: (c) =>
              c.email && (
                <a href={`mailto:${c.email}`} title={c.email}>
                  {c.email}
                </a>
              ),
          },
          {
            head: 'Phone',
            wide: true,
            whole: true,
            cell: (c) =>
              c.phone && (
                <a class="figures phone" href={`tel:${c.phone.replaceAll(' ', '')}`}>
                  {c.phone}
                </a>
              ),
          },
        ]}
        actions={
          <>
            <a class="button" href={`${BASE}/settings/import`}>
              Import
            </a>
            {add}
          </>
        }
        empty={
          <Empty title="No contacts yet.">
            <p>Add the first one, or import a CSV file from another system.</p>
            {add}
          </Empty>
        }
      />
      {adding && (
        <ContactForm onClose={() => setAdding(false)} onSaved={(contact) => go(`/contacts/${contact.id}`)} />
      )}
    </>
  )
}

export function ContactPage({ id }: { id: string }) {
  const { data: contact, error, reload } = useLoad<Contact>(`contacts/${id}`)
  const deals = useLoad<Page<Deal>>(`deals?contactId=${id}`)
  const [editing, setEditing] = useState(false)
  if (error)
    return (
      <main id="main">
        <Failed error={error} retry={() => void reload()} />
      </main>
    )
  if (!contact)
    return (
      <main id="main">
        <Loading />
      </main>
    )
  const name = fullName(contact)
  const subject = { kind: 'contact', id, name } as const
  return (
    <RecordPage
      crumb={['/contacts', 'Contacts']}
      title={name}
      subtitle={
        <>
          {contact.title}
          {contact.title && contact.organisationName && ', '}
          {contact.organisationId && (
            <a href={`${BASE}/organisations/${contact.organisationId}`}>{contact.organisationName}</a>
          )}
        </>
      }
      noun="contact"
      api={`contacts/${id}`}
      attached={contact.attached}
      actions={
        <button type="button" onClick={() => setEditing(true)}>
          Edit
        </button>
      }
      facts={
        <Facts
          items={[
            ['E-mail', contact.email && <a href={`mailto:${contact.email}`}>{contact.email}</a>],
            [
              'Phone',
              contact.phone && (
                <a class="figures phone" href={`tel:${contact.phone.replaceAll(' ', '')}`}>
                  {contact.phone}
                </a>
              ),
            ],
            ['Personal number', contact.personalNumber && <Hidden text={contact.personalNumber} />],
            ['Owner', contact.ownerName],
            ['Added', date(contact.createdAt)],
          ]}
        />
      }
    >
      <ActivitiesOf subject={subject} />
      <NotesOf subject={subject} />
      {deals.data && deals.data.items.length > 0 && <DealsSection deals={deals.data.items} />}
      <DocumentsOf subject={subject} />
      <HistoryOf subject={subject} />
      {editing && (
        <ContactForm
          record={contact}
          onClose={() => setEditing(false)}
          onSaved={() => {
            setEditing(false)
            void reload()
          }}
        />
      )}
    </RecordPage>
  )
}

/** Not for the eyes of whoever happens to look over a shoulder. */
function Hidden({ text }: { text: string }) {
  const [shown, setShown] = useState(false)
  return (
    <span class="figures">
      {shown ? text : '••••••••'}{' '}
      <button type="button" class="link quiet" aria-pressed={shown} onClick={() => setShown(!shown)}>
        {shown ? 'Hide' : 'Show'}
      </button>
    </span>
  )
}

export function DealsSection({ deals, add }: { deals: readonly Deal[]; add?: () => void }) {
  return (
    <section aria-label="Deals">
      <header class="section-head">
        <h2>Deals</h2>
        {add && (
          <button type="button" class="link" onClick={add}>
            Add deal
          </button>
        )}
      </header>
      {deals.length === 0 && <p class="quiet">None yet.</p>}
      <ul class="rows">
        {deals.map((deal) => (
          <li key={deal.id}>
            <a href={`${BASE}/deals/${deal.id}`}>{deal.title}</a>
            <span class={`stage ${deal.stageKind}`}>{deal.stageName}</span>
            <span class="figures">{money(deal.amountMinor, deal.currency)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
