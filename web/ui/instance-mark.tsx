import type { InstanceState } from '../data/fleet.ts'
import { fleetWords } from '../words/fleet.ts'
import { useWords } from '../words/language.ts'

const INK: Partial<Record<InstanceState, string>> = { failed: 'text-broken', awake: 'text-ink' }

/** The state of an instance: a shape of its own for each, and the word. */
export function InstanceMark({ state }: { state: InstanceState }) {
  const words = useWords(fleetWords)
  return (
    <span className={`inline-flex items-center gap-2 whitespace-nowrap ${INK[state] ?? 'text-quiet'}`}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" className="shrink-0">
        <Shape state={state} />
      </svg>
      {words.states[state]}
    </span>
  )
}

function Shape({ state }: { state: InstanceState }) {
  const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.5 }
  switch (state) {
    case 'awake':
      return <circle cx="6" cy="6" r="4.5" className="fill-accent" />
    case 'starting':
    case 'stopping':
      return (
        <>
          <circle cx="6" cy="6" r="4.25" {...line} />
          <path
            d={state === 'starting' ? 'M6 1.75a4.25 4.25 0 0 1 0 8.5z' : 'M6 1.75a4.25 4.25 0 0 0 0 8.5z'}
            fill="currentColor"
          />
        </>
      )
    case 'suspended':
      return <path d="M3.5 2v8M8.5 2v8" {...line} strokeWidth={2.5} />
    case 'failed':
      return <path d="M2.5 2.5l7 7M9.5 2.5l-7 7" {...line} strokeWidth={2} />
    case 'absent':
    case 'destroyed':
      return <path d="M2 6h8" {...line} />
    default:
      return <circle cx="6" cy="6" r="4.25" {...line} />
  }
}
