import type { LogEntry } from '../data/log.ts'
import { instanceWords } from '../words/instance.ts'
import { useWords } from '../words/language.ts'

/** What an instance said, oldest above newest, as a terminal would show it. */
export function OutputTail({ entries, label }: { entries: readonly LogEntry[]; label: string }) {
  const words = useWords(instanceWords)
  return (
    <div
      role="log"
      aria-label={label}
      // A region that scrolls must be reachable by keyboard.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      className="flex max-h-[420px] flex-col-reverse overflow-auto border-l-2 border-line-strong bg-sunk px-4 py-3 font-mono text-13"
    >
      {entries.map((entry) => (
        <p
          key={entry.index}
          className={`break-words whitespace-pre-wrap ${entry.stream === 'error' ? 'text-broken' : ''}`}
        >
          <span className="text-quiet select-none">{timeOf(entry.time)} </span>
          {entry.event === null ? <i className="text-quiet">{words.erased}</i> : textOf(entry)}
        </p>
      ))}
    </div>
  )
}

const timeOf = (ms: number) => new Date(ms).toLocaleTimeString('sv-SE')

function textOf({ event, type }: LogEntry): string {
  const said = event?.text ?? event?.record
  if (said === undefined) return type
  return typeof said === 'string' ? said : JSON.stringify(said)
}
