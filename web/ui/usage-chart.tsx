import { scaleLinear } from 'd3-scale'
import { area, line } from 'd3-shape'
import { useId } from 'react'
import { instanceWords } from '../words/instance.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { localeOf } from '../words/times.ts'

export type Point = { at: number; value: number }

const WIDTH = 600
const HEIGHT = 96

/**
 * One measure over time: ink where it was used, nothing where the instance slept. `gapMs`: points further apart than this were
 * not one stretch.
 */
export function UsageChart({
  name,
  points,
  since,
  until,
  limit,
  gapMs,
  say,
}: {
  name: string
  points: readonly Point[]
  since: number
  until: number
  limit: number
  gapMs: number
  say(value: number): string
}) {
  const words = useWords(instanceWords)
  const id = useId()
  const last = points.at(-1)
  const most = points.reduce((most, one) => Math.max(most, one.value), 0)
  // The limit is drawn where it is near; far above, it would flatten everything else.
  const top = most > limit / 3 ? Math.max(limit, most) : most * 1.4 || 1
  const x = scaleLinear().domain([since, until]).range([0, WIDTH])
  const y = scaleLinear().domain([0, top]).range([HEIGHT, 4])
  const shape = area<Point>()
    .x((one) => x(one.at))
    .y0(HEIGHT)
    .y1((one) => y(one.value))
  const edge = line<Point>()
    .x((one) => x(one.at))
    .y((one) => y(one.value))
  const stretches = stretchesOf(points, gapMs)
  return (
    <figure className="min-w-0">
      <figcaption className="mb-2 flex items-baseline justify-between gap-3" id={id}>
        <span className="text-14 font-semibold">{name}</span>
        <span className="text-13 text-quiet">
          {last ? (
            <>
              <span className="text-16 text-ink">{say(last.value)}</span> {words.limitOf(say(limit))}
            </>
          ) : null}
        </span>
      </figcaption>
      {last ? (
        <>
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={words.charted(name, say(last.value), say(most))}
            className="block h-24 w-full border-b border-line-strong text-accent"
          >
            {stretches.map((stretch) => (
              <g key={stretch[0]!.at}>
                <path d={shape(stretch) ?? ''} fill="currentColor" opacity="0.14" />
                <path
                  d={edge(stretch) ?? ''}
                  fill="none"
                  stroke="currentColor"
                  strokeWidth="1.5"
                  vectorEffect="non-scaling-stroke"
                />
              </g>
            ))}
            {top >= limit ? (
              <line
                x1="0"
                x2={WIDTH}
                y1={y(limit)}
                y2={y(limit)}
                className="stroke-broken"
                strokeDasharray="4 4"
                vectorEffect="non-scaling-stroke"
              />
            ) : null}
          </svg>
          <Axis since={since} until={until} most={words.most(say(most))} />
        </>
      ) : (
        <p className="flex h-24 items-center border-b border-line-strong text-13 text-quiet">
          {words.notCounted}
        </p>
      )}
    </figure>
  )
}

function Axis({ since, until, most }: { since: number; until: number; most: string }) {
  const language = useLanguage()
  const isLong = until - since > 2 * 86_400_000
  const format = new Intl.DateTimeFormat(
    localeOf(language),
    isLong ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' },
  )
  return (
    <p className="mt-1 flex justify-between text-13 text-quiet">
      <span>{format.format(since)}</span>
      <span>{most}</span>
      <span>{format.format(until)}</span>
    </p>
  )
}

function stretchesOf(points: readonly Point[], gapMs: number): Point[][] {
  const stretches: Point[][] = []
  let before: Point | undefined
  for (const point of points) {
    if (!before || point.at - before.at > gapMs) stretches.push([])
    stretches.at(-1)!.push(point)
    before = point
  }
  return stretches
}
