import { type ComponentProps, type ReactNode, useId } from 'react'
import { fieldLook } from './filters.tsx'

/** A field with its label above and what is wrong with it below. */
export function TextField({
  label,
  hint,
  error,
  className = '',
  ...rest
}: ComponentProps<'input'> & { label: string; hint?: ReactNode; error?: string | undefined }) {
  const id = useId()
  return (
    <div className={`min-w-0 ${className}`}>
      <label htmlFor={id} className="mb-1 block text-13 text-quiet">
        {label}
      </label>
      <input
        id={id}
        autoComplete="off"
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-more` : undefined}
        className={`${fieldLook} ${error ? 'border-broken' : ''}`}
        {...rest}
      />
      {error || hint ? (
        <p id={`${id}-more`} className={`mt-1 text-13 ${error ? 'text-broken' : 'text-quiet'}`}>
          {error ?? hint}
        </p>
      ) : null}
    </div>
  )
}
