import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { HOURS, type Resources, resourcesQuery } from '../data/fleet.ts'
import { Section } from '../ui/page-frame.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { type Point, UsageChart } from '../ui/usage-chart.tsx'
import { instanceWords } from '../words/instance.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { sayBytes, sayShare } from '../words/sizes.ts'

/** What an instance used over time; each measure by itself, against its limit. */
export function InstanceUsage({
  instance,
  hours,
  isAwake,
}: {
  instance: string
  hours: (typeof HOURS)[number]
  isAwake: boolean
}) {
  const words = useWords(instanceWords)
  const { data, error, refetch } = useQuery(resourcesQuery(instance, hours))
  return (
    <Section
      title={words.resources}
      id="resources"
      aside={
        <nav aria-label={words.span} className="flex gap-1 text-14">
          {HOURS.map((one) => (
            <Link
              key={one}
              from="/instances/$instance"
              search={one === 24 ? {} : { hours: one }}
              replace
              resetScroll={false}
              aria-current={one === hours}
              className={`px-2 py-1 no-underline ${one === hours ? 'font-semibold text-ink' : 'text-quiet hover:text-ink'}`}
            >
              {words.hours[one]}
            </Link>
          ))}
        </nav>
      }
    >
      {error ? (
        <ProblemNote error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <LoadingLines count={3} />
      ) : data.items.length === 0 ? (
        <p className="py-4 text-quiet">{isAwake ? words.measuredSoon : words.nothingMeasured}</p>
      ) : (
        <Charts data={data} hours={hours} />
      )}
    </Section>
  )
}

function Charts({ data, hours }: { data: Resources; hours: number }) {
  const words = useWords(instanceWords)
  const language = useLanguage()
  const { items, limits, since, until } = data
  const pointsOf = (read: (one: Resources['items'][number]) => number | null): Point[] =>
    items.flatMap((one) => {
      const value = read(one)
      return value === null ? [] : [{ at: one.at, value }]
    })
  // Three samples missing, however many of them are drawn together.
  const gapMs = Math.max(3 * 60_000, (hours * 3_600_000) / 240)
  const common = { since, until, gapMs }
  const bytes = (value: number) => sayBytes(value, language)
  return (
    <div className="grid gap-x-10 gap-y-8 pt-2 md:grid-cols-3">
      <UsageChart
        {...common}
        name={words.cpu}
        points={pointsOf((one) => (one.cpuMs === null || !one.overMs ? null : one.cpuMs / one.overMs))}
        limit={limits.cpus}
        say={(value) => sayShare(value, language)}
      />
      <UsageChart
        {...common}
        name={words.memory}
        points={pointsOf((one) => one.memoryBytes)}
        limit={limits.memoryBytes}
        say={bytes}
      />
      <UsageChart
        {...common}
        name={words.disk}
        points={pointsOf((one) => one.diskBytes)}
        limit={limits.diskBytes}
        say={bytes}
      />
    </div>
  )
}
