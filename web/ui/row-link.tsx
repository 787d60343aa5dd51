import { useRouter } from '@tanstack/react-router'
import type { MouseEvent, ReactNode } from 'react'

/** A link in a row of a long table: as light as an element can be, since dozens of them come into sight in one frame. */
export function RowLink({
  href,
  className = '',
  children,
}: {
  href: string
  className?: string
  children: ReactNode
}) {
  const { history } = useRouter()
  const go = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return
    event.preventDefault()
    history.push(href)
  }
  return (
    <a
      href={href}
      onClick={go}
      className={`block truncate font-semibold no-underline hover:text-accent ${className}`}
    >
      {children}
    </a>
  )
}
