import type { ReactNode } from 'react'

/** Facts with their names: two columns on wide screens, one below the other on narrow ones. */
export function Facts({ items }: { items: readonly (readonly [string, ReactNode] | null)[] }) {
  return (
    <dl className="text-14">
      {items.map((item) =>
        item === null ? null : (
          <div key={item[0]} className="grid gap-x-6 border-b border-line py-2.5 sm:grid-cols-[136px_1fr]">
            <dt className="text-quiet">{item[0]}</dt>
            <dd className="min-w-0 break-words">{item[1]}</dd>
          </div>
        ),
      )}
    </dl>
  )
}
