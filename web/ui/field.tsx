import { type ComponentProps, type ReactNode, useId } from 'react'

const look =
  'w-full rounded border border-line-strong bg-transparent px-3 text-16 outline-offset-1 placeholder:text-quiet aria-invalid:border-broken'

type Common = { label: string; hint?: ReactNode; error?: string | undefined }

/** A labelled field: the label above, what is wrong beside it. */
export function Field({ label, hint, error, ...rest }: Common & ComponentProps<'input'>) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} error={error}>
      <input
        {...rest}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-more`}
        className={`${look} h-11 file:mr-4 file:h-full file:border-0 file:bg-transparent file:font-semibold file:text-accent`}
      />
    </Labelled>
  )
}

/** As Field, for several lines. */
export function TextField({
  label,
  hint,
  error,
  className = '',
  ...rest
}: Common & ComponentProps<'textarea'>) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} error={error}>
      <textarea
        {...rest}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-more`}
        className={`${look} block py-2 ${className}`}
      />
    </Labelled>
  )
}

/** As Field, for one of several. */
export function ChoiceField({ label, hint, error, children, ...rest }: Common & ComponentProps<'select'>) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} error={error}>
      <select {...rest} id={id} aria-describedby={`${id}-more`} className={`${look} h-11 bg-paper`}>
        {children}
      </select>
    </Labelled>
  )
}

function Labelled({ id, label, hint, error, children }: Common & { id: string; children: ReactNode }) {
  return (
    <div className="mb-5">
      <label htmlFor={id} className="mb-1.5 block text-14 font-semibold">
        {label}
      </label>
      {children}
      <p
        id={`${id}-more`}
        className={`text-14 ${error ? 'mt-1.5 text-broken' : hint ? 'mt-1.5 text-quiet' : ''}`}
      >
        {error ?? hint}
      </p>
    </div>
  )
}
