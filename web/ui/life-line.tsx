import { scaleTime } from 'd3-scale'
import { accountWords } from '../words/account.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { sayDay } from '../words/times.ts'

export type LifeEvent = { id: string; at: number; type: string }

const DAY_MS = 86_400_000
/** Labels nearer to each other than this, in hundredths of the line, would lie on top of each other. */
const APART = 14

/** An account's life as one line: from sign-up over today to what is still to come. */
export function LifeLine({
  from,
  now,
  trialEnds,
  events,
}: {
  from: number
  now: number
  trialEnds: number | null
  events: readonly LifeEvent[]
}) {
  const words = useWords(accountWords)
  const language = useLanguage()
  const end = Math.max(now, trialEnds ?? 0) + DAY_MS / 2
  const place = scaleTime().domain([from, end]).range([0, 100])
  const at = (ms: number) => `${place(ms)}%`
  const today = place(now)
  const trial = trialEnds === null ? undefined : place(trialEnds)
  const trialFits = trial !== undefined && Math.abs(trial - today) > APART && trial > APART
  return (
    <div
      role="img"
      aria-label={words.lifeLine(sayDay(from, language), events.length)}
      className="relative mt-2 mb-6 h-[96px] text-13"
    >
      <div className="absolute inset-x-0 top-[54px] border-t border-dashed border-line-strong" />
      <div className="absolute top-[53px] left-0 h-[3px] bg-ink" style={{ width: at(now) }} />
      {events.map((event) => (
        <span
          key={event.id}
          title={`${sayDay(event.at, language)}: ${words.types[event.type as keyof typeof words.types] ?? event.type}`}
          className="absolute top-[45px] h-[19px] w-[3px] -translate-x-1/2 bg-ink"
          style={{ left: at(event.at) }}
        />
      ))}
      <span className="absolute top-0 left-0 text-quiet">
        {words.signedUp}
        <span className="block text-ink">{sayDay(from, language)}</span>
      </span>
      <Label at={today} side="below" text={words.today} accent />
      {trial === undefined ? null : (
        <>
          <span
            className="absolute top-[47px] size-[15px] -translate-x-1/2 rounded-full border-2 border-ink bg-paper"
            style={{ left: `${trial}%` }}
          />
          {trialFits || trial > APART * 2 ? (
            <Label at={trial} side="above" text={words.trialEnds} day={sayDay(trialEnds!, language)} />
          ) : null}
        </>
      )}
      <span
        className="absolute top-[38px] h-[34px] w-[3px] -translate-x-1/2 bg-accent"
        style={{ left: `${today}%` }}
      />
    </div>
  )
}

function Label({
  at,
  side,
  text,
  day,
  accent,
}: {
  at: number
  side: 'above' | 'below'
  text: string
  day?: string
  accent?: boolean
}) {
  const turn = at > 85 ? '-translate-x-full text-right' : at < 15 ? '' : '-translate-x-1/2 text-center'
  return (
    <span
      className={`absolute whitespace-nowrap ${side === 'above' ? 'top-0' : 'top-[76px]'} ${accent ? 'font-semibold text-accent' : 'text-quiet'} ${turn}`}
      style={{ left: `${at}%` }}
    >
      {text}
      {day ? <span className="block text-ink">{day}</span> : null}
    </span>
  )
}
