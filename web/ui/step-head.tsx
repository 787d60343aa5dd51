import type { ReactNode } from 'react'

/** A step's heading and what it is for. */
export function StepHead({ title, lead }: { title: string; lead: ReactNode }) {
  return (
    <>
      <h2 className="text-28 tracking-tight">{title}</h2>
      <p className="mt-2 mb-6 text-quiet">{lead}</p>
    </>
  )
}
