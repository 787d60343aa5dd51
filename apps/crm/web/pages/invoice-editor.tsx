import { useState } from 'preact/hooks'
import { invoiceTotals } from '../../src/records/invoice-totals.ts'
import { exactMoney, money, parseDecimal, parseMinor } from '../format.ts'
import { Field } from '../parts/field.tsx'
import { type Choice, RecordPicker } from '../parts/record-picker.tsx'
import { CURRENCIES, type Invoice } from '../records.ts'
import { call, type FieldErrors, RequestError } from '../request.ts'
import { useSession } from '../session.ts'

type DraftLine = { key: number; description: string; quantity: string; unit: string; vatRate: string }

let keys = 0
const emptyLine = (): DraftLine => ({ key: ++keys, description: '', quantity: '1', unit: '', vatRate: '25' })

const toDraft = (invoice: Invoice | undefined): DraftLine[] =>
  invoice?.lines.map((line) => ({
    key: ++keys,
    description: line.description,
    quantity: String(line.quantity),
    unit: exactMoney(line.unitMinor),
    vatRate: String(line.vatRate),
  })) ?? [emptyLine()]

const parseLine = (line: DraftLine) => ({
  description: line.description,
  quantity: parseDecimal(line.quantity),
  unitMinor: line.unit.trim() === '' ? 0 : parseMinor(line.unit),
  vatRate: parseDecimal(line.vatRate),
})

/** The same sum as the server's, so that what is shown while typing is what will be on the paper. */
function previewTotals(lines: readonly DraftLine[]) {
  const whole = lines.map(parseLine).map((line) => ({
    quantityMilli: Math.round((line.quantity ?? 0) * 1000),
    unitMinor: line.unitMinor ?? 0,
    vatBasisPoints: Math.round((line.vatRate ?? 0) * 100),
  }))
  return invoiceTotals(whole)
}

export function InvoiceEditor(props: {
  invoice?: Invoice
  organisation: Choice | null
  dealId: string | null
  onSaved: (invoice: Invoice) => void
  onCancel: () => void
}) {
  const { invoice } = props
  const { company } = useSession()
  const [organisation, setOrganisation] = useState(props.organisation)
  const [currency, setCurrency] = useState(invoice?.currency ?? company.currency)
  const [reference, setReference] = useState(invoice?.reference ?? '')
  const [dueOn, setDueOn] = useState(invoice?.dueOn ?? '')
  const [note, setNote] = useState(invoice?.note ?? '')
  const [lines, setLines] = useState(() => toDraft(invoice))
  const [errors, setErrors] = useState<FieldErrors>({})
  const [message, setMessage] = useState('')
  const totals = previewTotals(lines)
  const setLine = (key: number, change: Partial<DraftLine>) =>
    setLines((old) => old.map((line) => (line.key === key ? { ...line, ...change } : line)))

  const save = async (event: Event) => {
    event.preventDefault()
    const used = lines.filter((line) => line.description.trim() || line.unit.trim())
    const body = {
      organisationId: organisation?.id,
      currency,
      reference,
      dueOn,
      note,
      dealId: props.dealId,
      lines: used.map(parseLine),
    }
    if (!organisation) {
      setErrors({ organisationId: 'Choose who is to pay.' })
      return
    }
    try {
      props.onSaved(
        await call<Invoice>(
          invoice ? 'PATCH' : 'POST',
          invoice ? `invoices/${invoice.id}` : 'invoices',
          body,
        ),
      )
    } catch (reason) {
      if (!(reason instanceof RequestError)) throw reason
      // The server counts the lines that it was sent; empty ones were left out.
      const shown = Object.entries(reason.fields).map(([field, text]): [string, string] => {
        const [list, index, name] = field.split('.')
        const line = used[Number(index)]
        return list === 'lines' && line ? [`${line.key}.${name}`, text] : [field, text]
      })
      setErrors(Object.fromEntries(shown))
      setMessage(reason.message)
    }
  }
  return (
    <form class="form invoice-form" noValidate onSubmit={(event) => void save(event)}>
      <div class="fields">
        <div class="half">
          <Field label="Organisation" error={errors.organisationId}>
            {(control) => (
              <RecordPicker
                source="organisations"
                control={control}
                value={organisation}
                onChange={setOrganisation}
              />
            )}
          </Field>
        </div>
        <div class="half">
          <Field label="Their reference" error={errors.reference}>
            {(control) => (
              <input
                {...control}
                type="text"
                value={reference}
                onInput={(e) => setReference(e.currentTarget.value)}
              />
            )}
          </Field>
        </div>
        <div class="half">
          <Field label="Currency" error={errors.currency}>
            {(control) => (
              <select {...control} value={currency} onChange={(e) => setCurrency(e.currentTarget.value)}>
                {CURRENCIES.map((code) => (
                  <option key={code}>{code}</option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <div class="half">
          <Field label="Due" error={errors.dueOn} hint="Empty: after your usual days of credit.">
            {(control) => (
              <input
                {...control}
                type="date"
                value={dueOn}
                onInput={(e) => setDueOn(e.currentTarget.value)}
              />
            )}
          </Field>
        </div>
      </div>
      <fieldset class="lines">
        <legend>Lines</legend>
        {lines.map((line, i) => (
          <Line
            key={line.key}
            line={line}
            number={i + 1}
            errors={errors}
            set={(change) => setLine(line.key, change)}
            remove={() => setLines((old) => old.filter((l) => l.key !== line.key))}
          />
        ))}
        <button type="button" class="link" onClick={() => setLines((old) => [...old, emptyLine()])}>
          Add line
        </button>
      </fieldset>
      <p class="preview figures" aria-live="polite">
        Net {exactMoney(totals.netMinor)}, VAT {exactMoney(totals.vatMinor)},{' '}
        <strong>total {money(totals.totalMinor, currency)}</strong>
      </p>
      <Field label="Note" error={errors.note}>
        {(control) => (
          <textarea {...control} rows={2} value={note} onInput={(e) => setNote(e.currentTarget.value)} />
        )}
      </Field>
      {message && (
        <p class="error" role="alert">
          {message}
        </p>
      )}
      <footer class="buttons">
        <button type="button" onClick={props.onCancel}>
          Cancel
        </button>
        <button type="submit" class="primary">
          Save draft
        </button>
      </footer>
    </form>
  )
}

function Line(props: {
  line: DraftLine
  number: number
  errors: FieldErrors
  set: (change: Partial<DraftLine>) => void
  remove: () => void
}) {
  const { line, number, errors, set } = props
  const cell = (name: 'description' | 'quantity' | 'unit' | 'vatRate', label: string) => {
    const error = errors[`${line.key}.${name === 'unit' ? 'unitMinor' : name}`]
    return (
      <div class={`cell ${name}`}>
        <label>
          <span class="cell-label">{label}</span>
          <input
            type="text"
            aria-label={`${label}, line ${number}`}
            aria-invalid={error ? true : undefined}
            class={name === 'description' ? '' : 'figures'}
            inputMode={name === 'description' ? undefined : 'decimal'}
            value={line[name]}
            onInput={(event) => set({ [name]: event.currentTarget.value })}
          />
        </label>
        {error && <p class="error">{error}</p>}
      </div>
    )
  }
  return (
    <div class="line-row">
      {cell('description', 'Description')}
      {cell('quantity', 'Quantity')}
      {cell('unit', 'Price')}
      {cell('vatRate', 'VAT %')}
      <button type="button" class="link quiet" aria-label={`Remove line ${number}`} onClick={props.remove}>
        Remove
      </button>
    </div>
  )
}
