import { useState } from 'preact/hooks'
import { countryName, date, decimal, exactMoney, money } from '../format.ts'
import { ConfirmDialog } from '../parts/dialog.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { Empty, Failed, Loading } from '../parts/states.tsx'
import { toast, toastError } from '../parts/toast.tsx'
import type { Invoice, Organisation, Party, Settings } from '../records.ts'
import { call } from '../request.ts'
import { BASE, go, setQuery, usePlace } from '../router.ts'
import { useLoad } from '../use-load.ts'
import { InvoiceEditor } from './invoice-editor.tsx'

export function InvoiceState({ invoice }: { invoice: Invoice }) {
  const state = invoice.overdue ? 'overdue' : invoice.status
  const words = { draft: 'Draft', sent: 'Sent', paid: 'Paid', overdue: 'Overdue' }
  return <span class={`state ${state}`}>{words[state]}</span>
}

const STATES = [
  ['', 'All'],
  ['draft', 'Drafts'],
  ['sent', 'Sent'],
  ['paid', 'Paid'],
] as const

export function InvoicesPage() {
  const { query } = usePlace()
  const status = query.get('status') ?? ''
  const add = (
    <a class="button primary" href={`${BASE}/invoices/new`}>
      New invoice
    </a>
  )
  return (
    <ListPage<Invoice>
      title="Invoices"
      noun="invoice"
      api="invoices"
      filterNames={['status']}
      pathOf={(invoice) => `/invoices/${invoice.id}`}
      columns={[
        {
          head: 'Number',
          sort: 'number',
          whole: true,
          cell: (i) => <span class="figures">{i.number ?? 'Draft'}</span>,
        },
        {
          head: 'Organisation',
          cell: (i) => (
            <>
              {i.organisationName}
              <span class="narrow-only">
                <InvoiceState invoice={i} />
              </span>
            </>
          ),
        },
        { head: 'State', wide: true, cell: (i) => <InvoiceState invoice={i} /> },
        { head: 'Due', sort: 'dueOn', wide: true, figures: true, cell: (i) => i.dueOn && date(i.dueOn) },
        { head: 'Total', sort: 'total', figures: true, cell: (i) => money(i.totalMinor, i.currency) },
      ]}
      filters={
        <fieldset class="switch">
          <legend class="hidden">State</legend>
          {STATES.map(([id, name]) => (
            <button
              key={id}
              type="button"
              aria-pressed={status === id}
              onClick={() => setQuery({ status: id, offset: null })}
            >
              {name}
            </button>
          ))}
        </fieldset>
      }
      actions={add}
      empty={
        <Empty title="No invoices yet.">
          <p>A draft can be changed at will. Sending gives it its number.</p>
          {add}
        </Empty>
      }
    />
  )
}

export function NewInvoicePage() {
  const { query } = usePlace()
  const organisationId = query.get('organisation')
  const { data } = useLoad<Organisation>(organisationId ? `organisations/${organisationId}` : null)
  if (organisationId && !data)
    return (
      <main id="main">
        <Loading />
      </main>
    )
  return (
    <main id="main">
      <p class="crumb">
        <a href={`${BASE}/invoices`}>Invoices</a>
      </p>
      <h1>New invoice</h1>
      <InvoiceEditor
        organisation={data ? { id: data.id, label: data.name } : null}
        dealId={query.get('deal')}
        onSaved={(invoice) => go(`/invoices/${invoice.id}`)}
        onCancel={() => history.back()}
      />
    </main>
  )
}

export function InvoicePage({ id }: { id: string }) {
  const { data: invoice, error, reload, set } = useLoad<Invoice>(`invoices/${id}`)
  const [mode, setMode] = useState<'view' | 'edit' | 'delete' | 'send'>('view')
  if (error)
    return (
      <main id="main">
        <Failed error={error} retry={() => void reload()} />
      </main>
    )
  if (!invoice)
    return (
      <main id="main">
        <Loading />
      </main>
    )
  const view = () => setMode('view')
  const pay = async (paidOn?: null) => {
    try {
      set(await call<Invoice>('POST', `invoices/${id}/pay`, paidOn === null ? { paidOn } : {}))
      if (paidOn !== null) toast({ text: `${invoice.number} marked as paid`, undo: () => pay(null) })
    } catch (reason) {
      toastError(reason)
    }
  }
  if (mode === 'edit') {
    return (
      <main id="main">
        <h1>Edit draft</h1>
        <InvoiceEditor
          invoice={invoice}
          organisation={{ id: invoice.organisationId, label: invoice.organisationName }}
          dealId={invoice.dealId}
          onSaved={(saved) => {
            set(saved)
            view()
          }}
          onCancel={view}
        />
      </main>
    )
  }
  return (
    <main id="main">
      <p class="crumb">
        <a href={`${BASE}/invoices`}>Invoices</a>
      </p>
      <header class="page-head">
        <div>
          <h1>{invoice.number ? `Invoice ${invoice.number}` : 'Draft invoice'}</h1>
          <p class="subtitle">
            <InvoiceState invoice={invoice} />
            {invoice.paidOn && ` ${date(invoice.paidOn)}`}
          </p>
        </div>
        <div class="actions">
          {invoice.status === 'draft' && (
            <>
              <button type="button" onClick={() => setMode('delete')}>
                Delete
              </button>
              <button type="button" onClick={() => setMode('edit')}>
                Edit
              </button>
              <button
                type="button"
                class="primary"
                disabled={invoice.lines.length === 0}
                title={invoice.lines.length === 0 ? 'Add a line first' : undefined}
                onClick={() => setMode('send')}
              >
                Send…
              </button>
            </>
          )}
          {invoice.status !== 'draft' && (
            <button type="button" onClick={() => print()}>
              Print
            </button>
          )}
          {invoice.status === 'sent' && (
            <button type="button" class="primary" onClick={() => void pay()}>
              Mark as paid
            </button>
          )}
          {invoice.status === 'paid' && (
            <button type="button" onClick={() => void pay(null)}>
              Not paid after all
            </button>
          )}
        </div>
      </header>
      <Sheet invoice={invoice} />
      {mode === 'delete' && (
        <ConfirmDialog
          title="Delete this draft?"
          action="Delete draft"
          onClose={view}
          onConfirm={async () => {
            await call('DELETE', `invoices/${id}`)
            go('/invoices')
          }}
        >
          <p>
            {invoice.organisationName}, {money(invoice.totalMinor, invoice.currency)}. It has no number yet,
            so nothing is missed.
          </p>
        </ConfirmDialog>
      )}
      {mode === 'send' && (
        <SendDialog
          invoice={invoice}
          onClose={view}
          onSent={(sent) => {
            set(sent)
            view()
          }}
        />
      )}
    </main>
  )
}

function SendDialog(props: { invoice: Invoice; onClose: () => void; onSent: (invoice: Invoice) => void }) {
  const { invoice } = props
  return (
    <ConfirmDialog
      title="Send this invoice?"
      action="Give it its number"
      onClose={props.onClose}
      onConfirm={async () => props.onSent(await call<Invoice>('POST', `invoices/${invoice.id}/send`, {}))}
    >
      <p>
        {invoice.organisationName}, {money(invoice.totalMinor, invoice.currency)}. It gets the next number and
        today’s date, and can no longer be changed or deleted. Print it, or save it as PDF, to hand it over.
      </p>
    </ConfirmDialog>
  )
}

/** The paper itself: what is on the screen is what is printed. */
function Sheet({ invoice }: { invoice: Invoice }) {
  const settings = useLoad<Settings>(invoice.seller ? null : 'settings')
  const customer = useLoad<Organisation>(invoice.customer ? null : `organisations/${invoice.organisationId}`)
  const draftSeller = settings.data ? { ...settings.data, name: settings.data.companyName } : null
  const seller: Party | null = invoice.seller ?? draftSeller
  return (
    <article class="sheet" aria-label="Invoice">
      <header>
        <div>
          <strong>{seller?.name}</strong>
          <PartyLines party={seller} />
        </div>
        <div>
          <p class="sheet-title">Invoice</p>
          <dl>
            <Pair label="Number" value={invoice.number ?? 'Draft'} />
            <Pair label="Date" value={invoice.issuedOn && date(invoice.issuedOn)} />
            <Pair label="Due" value={invoice.dueOn && date(invoice.dueOn)} />
            <Pair label="Your reference" value={invoice.reference} />
          </dl>
        </div>
      </header>
      <address>
        <strong>{invoice.organisationName}</strong>
        <PartyLines party={invoice.customer ?? customer.data} />
      </address>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Description</th>
              <th scope="col" class="figures">
                Quantity
              </th>
              <th scope="col" class="figures">
                Price
              </th>
              <th scope="col" class="figures">
                VAT
              </th>
              <th scope="col" class="figures">
                {invoice.currency}
              </th>
            </tr>
          </thead>
          <tbody>
            {invoice.lines.map((line, i) => (
              <tr key={String(i)}>
                <td>{line.description}</td>
                <td class="figures">{decimal(line.quantity)}</td>
                <td class="figures">{exactMoney(line.unitMinor)}</td>
                <td class="figures">{decimal(line.vatRate)} %</td>
                <td class="figures">{exactMoney(line.netMinor)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <dl class="totals">
        <Pair label="Net" value={exactMoney(invoice.netMinor)} />
        {invoice.vatGroups.map((group) => (
          <Pair
            key={group.vatRate}
            label={`VAT ${decimal(group.vatRate)} % of ${exactMoney(group.netMinor)}`}
            value={exactMoney(group.vatMinor)}
          />
        ))}
        <Pair label="To pay" value={money(invoice.totalMinor, invoice.currency)} strong />
      </dl>
      {invoice.note && <p class="text">{invoice.note}</p>}
      <footer>
        {seller?.iban && <span>IBAN {seller.iban}</span>}
        {seller?.orgNumber && <span>Org. no. {seller.orgNumber}</span>}
        {seller?.vatNumber && <span>VAT no. {seller.vatNumber}</span>}
        {seller?.email && <span>{seller.email}</span>}
      </footer>
    </article>
  )
}

function PartyLines({ party }: { party: Omit<Party, 'name'> | null }) {
  if (!party) return null
  const lines = [
    party.street,
    [party.postalCode, party.city].filter(Boolean).join(' '),
    countryName(party.country),
  ]
  return (
    <>
      {lines.filter(Boolean).map((line) => (
        <span key={line} class="line">
          {line}
        </span>
      ))}
    </>
  )
}

function Pair({ label, value, strong }: { label: string; value: string | null; strong?: boolean }) {
  if (!value) return null
  return (
    <div class={strong ? 'strong' : ''}>
      <dt>{label}</dt>
      <dd class="figures">{value}</dd>
    </div>
  )
}
