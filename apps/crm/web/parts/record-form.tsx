import { useEffect, useRef, useState } from 'preact/hooks'
import { exactMoney, parseMinor } from '../format.ts'
import { type FieldErrors, RequestError } from '../request.ts'
import { Field } from './field.tsx'
import { type Choice, RecordPicker } from './record-picker.tsx'

export type FormField = {
  name: string
  label: string
  kind?:
    | 'text'
    | 'email'
    | 'tel'
    | 'url'
    | 'password'
    | 'date'
    | 'textarea'
    | 'select'
    | 'money'
    | 'number'
    | 'organisations'
    | 'contacts'
    | 'deals'
  options?: readonly (readonly [string, string])[]
  required?: boolean
  hint?: string
  autocomplete?: string
  /** Two short fields beside each other. */
  half?: boolean
  /** What the picker shows for the value it begins with. */
  chosen?: string | null | undefined
}

export type Values = Record<string, unknown>

type Draft = Record<string, string | Choice | null>

const PICKERS = new Set(['organisations', 'contacts', 'deals'])

function toDraft(fields: readonly FormField[], values: Values): Draft {
  const draft: Draft = {}
  for (const { name, kind, chosen } of fields) {
    const value = values[name]
    if (kind && PICKERS.has(kind)) draft[name] = value ? { id: String(value), label: chosen ?? '' } : null
    else if (kind === 'money') draft[name] = typeof value === 'number' ? exactMoney(value) : ''
    else draft[name] = value === null || value === undefined ? '' : String(value)
  }
  return draft
}

/** What the API is sent; throws the errors that only the form can see. */
function toValues(fields: readonly FormField[], draft: Draft): Values {
  const values: Values = {}
  const errors: FieldErrors = {}
  for (const { name, kind, required } of fields) {
    const entered = draft[name] ?? ''
    if (required && entered === '') errors[name] = 'Fill this in.'
    if (typeof entered !== 'string' || (kind && PICKERS.has(kind))) {
      values[name] = (entered as Choice | '') === '' ? null : (entered as Choice).id
    } else if (kind === 'money') {
      const minor = entered.trim() === '' ? 0 : parseMinor(entered)
      if (minor === null) errors[name] = 'Not an amount; for example 1 250,50.'
      values[name] = minor
    } else if (kind === 'number') {
      values[name] = entered.trim() === '' ? undefined : Number(entered)
    } else if (kind === 'password' || kind === 'select') {
      values[name] = entered === '' ? (kind === 'select' ? null : undefined) : entered
    } else {
      values[name] = entered
    }
  }
  if (Object.keys(errors).length > 0) throw new RequestError(422, 'Check the marked fields.', errors)
  return values
}

export function RecordForm(props: {
  fields: readonly FormField[]
  username?: string
  values?: Values
  submit: string
  onSubmit: (values: Values) => Promise<void>
  onCancel?: () => void
}) {
  const [draft, setDraft] = useState<Draft>(() => toDraft(props.fields, props.values ?? {}))
  const [errors, setErrors] = useState<FieldErrors>({})
  const [message, setMessage] = useState('')
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)

  // The first wrong field gets the focus, so that nobody has to look for it.
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [errors])

  const submit = async (event: Event) => {
    event.preventDefault()
    setBusy(true)
    setMessage('')
    try {
      const values = toValues(props.fields, draft)
      setErrors({})
      await props.onSubmit(values)
    } catch (reason) {
      if (!(reason instanceof RequestError)) throw reason
      setErrors(reason.fields)
      const shown = props.fields.some((field) => reason.fields[field.name])
      setMessage(shown ? '' : reason.message)
    } finally {
      setBusy(false)
    }
  }
  const set = (name: string, value: string | Choice | null) => setDraft((old) => ({ ...old, [name]: value }))

  return (
    <form ref={form} class="form" noValidate onSubmit={(event) => void submit(event)}>
      {props.username && (
        // Lets a password manager know whose password it is.
        <input type="text" autocomplete="username" value={props.username} readOnly hidden />
      )}
      <div class="fields">
        {props.fields.map((field) => (
          <div key={field.name} class={field.half ? 'half' : 'whole'}>
            <Field label={field.label} error={errors[field.name]} hint={field.hint}>
              {(control) => (
                <Control field={field} control={control} value={draft[field.name] ?? ''} set={set} />
              )}
            </Field>
          </div>
        ))}
      </div>
      {message && (
        <p class="error" role="alert">
          {message}
        </p>
      )}
      <footer class="buttons">
        {props.onCancel && (
          <button type="button" onClick={props.onCancel}>
            Cancel
          </button>
        )}
        <button type="submit" class="primary" disabled={busy}>
          {props.submit}
        </button>
      </footer>
    </form>
  )
}

function Control(props: {
  field: FormField
  control: { id: string }
  value: string | Choice | null
  set: (name: string, value: string | Choice | null) => void
}) {
  const { field, control, set } = props
  const { name, kind = 'text' } = field
  if (kind === 'organisations' || kind === 'contacts' || kind === 'deals') {
    const value = typeof props.value === 'string' ? null : props.value
    return (
      <RecordPicker source={kind} control={control} value={value} onChange={(choice) => set(name, choice)} />
    )
  }
  const value = typeof props.value === 'string' ? props.value : ''
  if (kind === 'textarea') {
    return (
      <textarea
        {...control}
        rows={4}
        value={value}
        onInput={(event) => set(name, event.currentTarget.value)}
      />
    )
  }
  if (kind === 'select') {
    return (
      <select {...control} value={value} onChange={(event) => set(name, event.currentTarget.value)}>
        {field.options?.map(([id, label]) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
    )
  }
  return (
    <input
      {...control}
      // One of these types, which the element's own type cannot say of a variable.
      type={(kind === 'money' ? 'text' : kind) as 'text'}
      class={kind === 'money' || kind === 'number' ? 'figures' : ''}
      inputMode={kind === 'money' ? 'decimal' : undefined}
      autocomplete={field.autocomplete ?? 'off'}
      required={field.required}
      value={value}
      onInput={(event) => set(name, event.currentTarget.value)}
    />
  )
}
