import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

export type FieldProps = {
  label: string
  error?: string | undefined
  hint?: string | undefined
  optional?: boolean | undefined
  children: (control: {
    id: string
    'aria-describedby'?: string
    'aria-invalid'?: boolean
  }) => ComponentChildren
}

/** Label above, hint and error below, tied to the control for those who listen instead of look. */
export function Field({ label, error, hint, optional, children }: FieldProps) {
  const id = useId()
  const note = error ?? hint
  return (
    <div class={error ? 'field bad' : 'field'}>
      <label for={id}>
        {label}
        {optional && <span class="quiet"> optional</span>}
      </label>
      {children({
        id,
        ...(note && { 'aria-describedby': `${id}-note` }),
        ...(error && { 'aria-invalid': true }),
      })}
      {note && (
        <p id={`${id}-note`} class={error ? 'error' : 'hint'}>
          {note}
        </p>
      )}
    </div>
  )
}
