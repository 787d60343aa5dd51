import type { Day } from '../data/promises.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { localeOf } from '../words/times.ts'
import { verdictWords } from '../words/verdicts.ts'
import { stoneLook } from './mark.tsx'

/** Days as a row of small stones, oldest first; read out as one sentence. */
export function DayStrip({ days }: { days: readonly Day[] }) {
  const words = useWords(verdictWords)
  const language = useLanguage()
  const counts = new Map<Day['state'], number>()
  for (const day of days) counts.set(day.state, (counts.get(day.state) ?? 0) + 1)
  const said = [...counts].map(([state, count]) => `${count} ${words[state]}`).join(', ')
  const format = new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'medium', timeZone: 'UTC' })
  return (
    <span role="img" aria-label={said} className="flex h-4 items-end gap-px">
      {days.map((day) => (
        <span
          key={day.date}
          title={`${format.format(Date.parse(`${day.date}T12:00:00Z`))}: ${words[day.state]}`}
          className={`${stoneLook(day.state)} min-w-0 flex-1 rounded-[1px] ${HEIGHT[day.state]}`}
        />
      ))}
    </span>
  )
}

// As in the long course of days: a missing stone is a red stump, fog stands half as high.
const HEIGHT: Record<Day['state'], string> = {
  kept: 'h-full',
  broken: 'h-1.5 border-0 bg-broken',
  unknown: 'h-2.5',
  unexercised: 'h-full',
  none: 'h-px',
}
