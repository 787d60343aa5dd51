import type { Day } from '../data/promises.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { localeOf } from '../words/times.ts'
import { verdictWords } from '../words/verdicts.ts'
import { stoneLook } from './mark.tsx'

const SHOWN_ON_PHONES = 120

/** Each day as a stone in one long course, oldest first, with the months below; the last 120 where the screen is narrow. */
export function DayCalendar({ days }: { days: readonly Day[] }) {
  return (
    <>
      <div className="hidden md:block">
        <Course days={days} />
      </div>
      <div className="md:hidden">
        <Course days={days.slice(-SHOWN_ON_PHONES)} />
      </div>
    </>
  )
}

function Course({ days }: { days: readonly Day[] }) {
  const words = useWords(verdictWords)
  const language = useLanguage()
  const counts = new Map<Day['state'], number>()
  for (const day of days) counts.set(day.state, (counts.get(day.state) ?? 0) + 1)
  const said = [...counts].map(([state, count]) => `${count} ${words[state]}`).join(', ')
  const dayFormat = new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'long', timeZone: 'UTC' })
  const monthFormat = new Intl.DateTimeFormat(localeOf(language), { month: 'short', timeZone: 'UTC' })
  const at = (day: Day) => Date.parse(`${day.date}T12:00:00Z`)
  const months = days.flatMap((day, index) => (day.date.endsWith('-01') ? [{ index, day }] : []))
  return (
    <figure>
      <div role="img" aria-label={said} className="flex h-12 items-end">
        {days.map((day) => (
          <span
            key={day.date}
            title={`${dayFormat.format(at(day))}: ${words[day.state]}`}
            className={`min-w-0 flex-1 border-r border-paper ${stoneLook(day.state)} rounded-none ${HEIGHT[day.state]}`}
          />
        ))}
      </div>
      <div aria-hidden="true" className="relative h-6 border-t border-line text-13 text-quiet">
        {months.map(({ index, day }) => (
          <span
            key={day.date}
            className="absolute top-0.5 border-l border-line pl-1"
            style={{ left: `${(index / days.length) * 100}%` }}
          >
            {index / days.length > 0.96 ? '' : monthFormat.format(at(day))}
          </span>
        ))}
      </div>
    </figure>
  )
}

// A missing stone is a low red stump, fog stands half as high: the line of the wall shows it before any colour does.
const HEIGHT: Record<Day['state'], string> = {
  kept: 'h-12',
  broken: 'h-4 border-0 bg-broken',
  unknown: 'h-7',
  unexercised: 'h-12',
  none: 'h-px',
}
