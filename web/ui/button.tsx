import type { ComponentProps } from 'react'

type Kind = 'main' | 'plain' | 'danger' | 'quiet'
const KINDS: Record<Kind, string> = {
  main: 'border-accent bg-accent text-on-accent hover:border-ink',
  plain: 'border-line-strong text-accent hover:border-ink',
  danger: 'border-broken text-broken hover:bg-broken hover:text-paper',
  quiet: 'border-transparent text-quiet hover:text-ink',
}
const SIZES = { normal: 'min-h-10 px-4 py-2 text-16', small: 'min-h-8 px-3 py-1 text-14' }

export const buttonLook = (kind: Kind = 'plain', size: keyof typeof SIZES = 'normal') =>
  `inline-flex items-center justify-center gap-2 rounded border font-semibold no-underline transition-colors duration-100 disabled:opacity-60 disabled:hover:border-line-strong ${KINDS[kind]} ${SIZES[size]}`

/** A button that says what it will do. `why` disables it and says the reason, where it can be read by anyone. */
export function Button({
  kind = 'plain',
  size = 'normal',
  why,
  className = '',
  ...rest
}: ComponentProps<'button'> & { kind?: Kind; size?: keyof typeof SIZES; why?: string | null | undefined }) {
  return (
    <button
      type="button"
      {...rest}
      {...(why ? { 'aria-disabled': true, title: why, onClick: (event) => event.preventDefault() } : {})}
      className={`${buttonLook(kind, size)} ${why ? 'opacity-60' : ''} ${className}`}
    />
  )
}
