import { Link } from '@tanstack/react-router'
import { HEADINGS, type Promised, type Verdict } from '../data/promises.ts'
import { VerdictMark } from '../ui/mark.tsx'
import { Reason } from '../ui/reason.tsx'
import { Empty } from '../ui/states.tsx'
import { DayStrip } from '../ui/strip.tsx'
import { boardWords } from '../words/board.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { sayAgo, sayNumber, useNow } from '../words/times.ts'
import { verdictWords } from '../words/verdicts.ts'

/** Every promise that is shown, by heading: verdict, reason, trend, population and age of the evidence. */
export function BoardList({
  promises,
  verdict,
}: {
  promises: readonly Promised[]
  verdict: Verdict | undefined
}) {
  const words = useWords(boardWords)
  const verdicts = useWords(verdictWords)
  if (promises.length === 0 && verdict !== undefined)
    return (
      <div className="mt-12">
        <Empty title={words.noneOf(verdicts[verdict])}>
          <Link to="/" search={{}}>
            {words.showAll}
          </Link>
        </Empty>
      </div>
    )
  return (
    <section aria-label={words.list} className="mt-12">
      {HEADINGS.map((heading) => {
        const own = promises.filter((one) => one.heading === heading)
        if (own.length === 0) return null
        return (
          <section
            key={heading}
            aria-labelledby={heading}
            className="mt-10 grid lg:grid-cols-[160px_1fr] lg:gap-x-8"
          >
            <h2 id={heading} className="py-3 text-16 lg:border-t lg:border-line-strong">
              {verdicts.headings[heading]}
            </h2>
            <ul className="border-t border-line-strong">
              {own.map((promise) => (
                <Line key={promise.id} promise={promise} />
              ))}
            </ul>
          </section>
        )
      })}
    </section>
  )
}

function Line({ promise }: { promise: Promised }) {
  const words = useWords(boardWords)
  const language = useLanguage()
  const now = useNow()
  const { population } = promise
  return (
    <li className="relative grid grid-cols-[1fr_auto] items-baseline gap-x-6 gap-y-1 border-b border-line py-2.5 text-14 hover:bg-sunk md:grid-cols-[minmax(0,4fr)_112px_minmax(0,6fr)_150px] xl:grid-cols-[minmax(0,4fr)_112px_minmax(0,6fr)_120px_150px]">
      <Link
        to="/promises/$promise"
        params={{ promise: promise.id }}
        className="text-16 font-semibold text-ink no-underline after:absolute after:inset-0 hover:text-accent"
      >
        {promise.title[language]}
      </Link>
      {promise.dropped === null ? (
        <VerdictMark verdict={promise.verdict} />
      ) : (
        <span className="text-quiet">{words.dropped}</span>
      )}
      <p className="col-span-2 line-clamp-2 min-w-0 text-quiet md:col-span-1">
        <Reason text={promise.dropped ?? promise.reason} />
      </p>
      <div className="hidden self-center xl:block">
        <DayStrip days={promise.days} />
      </div>
      <p className="col-span-2 text-quiet md:col-span-1 md:text-right">
        {population ? (
          <>
            <span className="text-ink">
              {sayNumber(population.kept, language)}/{sayNumber(population.all, language)}
            </span>{' '}
            {population.of[language]}
            <span className="md:hidden"> · </span>
            <br className="max-md:hidden" />
          </>
        ) : null}
        {promise.provedAt === null ? words.never : sayAgo(promise.provedAt, now, language)}
      </p>
    </li>
  )
}
