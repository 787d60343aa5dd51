import { type ReactNode, useEffect } from 'react'

/** A page: its title is the question it answers; `aside` stands beside the title on wide screens. */
export function PageFrame({
  title,
  lead,
  aside,
  children,
}: {
  title: string
  lead?: ReactNode
  aside?: ReactNode
  children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Borgen`
  }, [title])
  return (
    <>
      <div className="mb-8 flex flex-wrap items-end justify-between gap-x-8 gap-y-4">
        <div className="max-w-[68ch]">
          <h1 className="text-28">{title}</h1>
          {lead ? <p className="mt-2 text-16 text-quiet">{lead}</p> : null}
        </div>
        {aside}
      </div>
      {children}
    </>
  )
}

/** A part of a page under its heading, parted from the one above by space and a hairline. */
export function Section({
  title,
  id,
  aside,
  children,
}: {
  title: string
  id: string
  aside?: ReactNode
  children: ReactNode
}) {
  return (
    <section aria-labelledby={id} className="mt-12 border-t border-line pt-4">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <h2 id={id} className="text-20">
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  )
}
