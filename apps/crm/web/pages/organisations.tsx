import { useState } from 'preact/hooks'
import { countryName, date, money } from '../format.ts'
import { ContactForm, DealForm, OrganisationForm } from '../forms.tsx'
import { ActivitiesOf, DocumentsOf, HistoryOf, NotesOf } from '../parts/attached.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { Facts, RecordPage } from '../parts/record-page.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { type Contact, type Deal, fullName, type Invoice, type Organisation, type Page } from '../records.ts'
import { BASE, go } from '../router.ts'
import { useLoad } from '../use-load.ts'
import { DealsSection } from './contacts.tsx'
import { InvoiceState } from './invoices.tsx'

export function OrganisationsPage() {
  const [adding, setAdding] = useState(false)
  const add = (
    <button type="button" class="primary" onClick={() => setAdding(true)}>
      Add organisation
    </button>
  )
  return (
    <>
      <ListPage<Organisation>
        title="Organisations"
        noun="organisation"
        api="organisations"
        pathOf={(organisation) => `/organisations/${organisation.id}`}
        columns={[
          { head: 'Name', sort: 'name', cell: (o) => o.name },
          { head: 'Industry', wide: true, cell: (o) => o.industry },
          {
            head: 'City',
            sort: 'city',
            cell: (o) => [o.city, countryName(o.country)].filter(Boolean).join(', '),
          },
          { head: 'Contacts', figures: true, wide: true, cell: (o) => o.contactCount || '' },
          { head: 'Open deals', figures: true, wide: true, cell: (o) => o.openDealCount || '' },
        ]}
        actions={add}
        empty={
          <Empty title="No organisations yet.">
            <p>An organisation holds its contacts, deals and invoices together.</p>
            {add}
          </Empty>
        }
      />
      {adding && (
        <OrganisationForm
          onClose={() => setAdding(false)}
          onSaved={(made) => go(`/organisations/${made.id}`)}
        />
      )}
    </>
  )
}

export function OrganisationPage({ id }: { id: string }) {
  const { data: organisation, error, reload } = useLoad<Organisation>(`organisations/${id}`)
  const contacts = useLoad<Page<Contact>>(`contacts?organisationId=${id}&limit=100`)
  const deals = useLoad<Page<Deal>>(`deals?organisationId=${id}&limit=100`)
  const invoices = useLoad<Page<Invoice>>(`invoices?organisationId=${id}`)
  const [open, setOpen] = useState<'edit' | 'contact' | 'deal' | null>(null)
  if (error)
    return (
      <main id="main">
        <Failed error={error} retry={() => void reload()} />
      </main>
    )
  if (!organisation)
    return (
      <main id="main">
        <Loading />
      </main>
    )
  const close = () => setOpen(null)
  const { name } = organisation
  const subject = { kind: 'organisation', id, name } as const
  return (
    <RecordPage
      crumb={['/organisations', 'Organisations']}
      title={name}
      subtitle={[organisation.industry, organisation.city].filter(Boolean).join(', ')}
      noun="organisation"
      api={`organisations/${id}`}
      attached={organisation.attached}
      alsoGone="Its contacts and deals stay, without an organisation."
      actions={
        <>
          <a class="button" href={`${BASE}/invoices/new?organisation=${id}`}>
            New invoice
          </a>
          <button type="button" onClick={() => setOpen('edit')}>
            Edit
          </button>
        </>
      }
      facts={
        <Facts
          items={[
            [
              'Website',
              organisation.website && (
                <a href={organisation.website} target="_blank" rel="noopener noreferrer">
                  {organisation.website.replace(/^https?:\/\//, '')}
                </a>
              ),
            ],
            ['Address', address(organisation)],
            [
              'Organisation number',
              organisation.orgNumber && <span class="figures">{organisation.orgNumber}</span>,
            ],
            ['VAT number', organisation.vatNumber && <span class="figures">{organisation.vatNumber}</span>],
            ['Owner', organisation.ownerName],
            ['Added', date(organisation.createdAt)],
          ]}
        />
      }
    >
      <section aria-label="Contacts">
        <header class="section-head">
          <h2>Contacts</h2>
          <button type="button" class="link" onClick={() => setOpen('contact')}>
            Add contact
          </button>
        </header>
        {contacts.data?.items.length === 0 && <p class="quiet">None yet.</p>}
        <ul class="rows">
          {contacts.data?.items.map((contact) => (
            <li key={contact.id}>
              <a href={`${BASE}/contacts/${contact.id}`}>{fullName(contact)}</a>
              <span class="quiet">{contact.title}</span>
              <span class="figures">{contact.phone}</span>
            </li>
          ))}
        </ul>
      </section>
      <DealsSection deals={deals.data?.items ?? []} add={() => setOpen('deal')} />
      <ActivitiesOf subject={subject} />
      <NotesOf subject={subject} />
      {invoices.data && invoices.data.items.length > 0 && (
        <section aria-label="Invoices">
          <h2>Invoices</h2>
          <ul class="rows">
            {invoices.data.items.map((invoice) => (
              <li key={invoice.id}>
                <a href={`${BASE}/invoices/${invoice.id}`}>{invoice.number ?? 'Draft'}</a>
                <InvoiceState invoice={invoice} />
                <span class="figures">{money(invoice.totalMinor, invoice.currency)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <DocumentsOf subject={subject} />
      <HistoryOf subject={subject} />
      {open === 'edit' && (
        <OrganisationForm
          record={organisation}
          onClose={close}
          onSaved={() => {
            close()
            void reload()
          }}
        />
      )}
      {open === 'contact' && (
        <ContactForm
          values={{ organisationId: id }}
          organisationName={name}
          onClose={close}
          onSaved={() => {
            close()
            void contacts.reload()
          }}
        />
      )}
      {open === 'deal' && (
        <DealForm
          values={{ organisationId: id }}
          organisationName={name}
          onClose={close}
          onSaved={() => {
            close()
            void deals.reload()
          }}
        />
      )}
    </RecordPage>
  )
}

function address(organisation: Organisation) {
  const lines = [
    organisation.street,
    [organisation.postalCode, organisation.city].filter(Boolean).join(' '),
    countryName(organisation.country),
  ].filter(Boolean)
  if (lines.length === 0) return null
  return lines.map((line) => (
    <span key={line} class="line">
      {line}
    </span>
  ))
}
