import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useEffect } from 'react'
import { type PromiseDetail, promiseQuery } from '../data/promises.ts'
import { ProveNow } from '../forms/prove-now.tsx'
import { DayCalendar } from '../ui/day-calendar.tsx'
import { VerdictMark } from '../ui/mark.tsx'
import { Section } from '../ui/page-frame.tsx'
import { Reason } from '../ui/reason.tsx'
import { Sentence } from '../ui/sentence.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { useLanguage, useWords } from '../words/language.ts'
import { promiseWords } from '../words/promise.ts'
import { sayAgo, sayMoment, sayNumber, useNow } from '../words/times.ts'
import { verdictWords } from '../words/verdicts.ts'
import { PromiseAttestations } from './promise-attestations.tsx'
import { PromiseChanges } from './promise-changes.tsx'
import { PromiseParts } from './promise-parts.tsx'

/** Answers: is this promise kept, and how do we know? */
export function PromisePage() {
  const { promise } = useParams({ from: '/promises/$promise' })
  const { data, error, refetch } = useQuery(promiseQuery(promise))
  if (data) return <Shown promise={data} />
  return error ? <ProblemNote error={error} retry={() => void refetch()} /> : <LoadingLines count={10} />
}

function Shown({ promise }: { promise: PromiseDetail }) {
  const words = useWords(promiseWords)
  const verdicts = useWords(verdictWords)
  const language = useLanguage()
  const title = promise.title[language]
  useEffect(() => {
    document.title = `${title} · Borgen`
  }, [title])
  return (
    <article>
      <p className="text-14 text-quiet">
        <Link to="/">{words.back}</Link> / {verdicts.headings[promise.heading]} / {promise.number}
      </p>
      <div className="mt-4 grid grid-cols-1 content-start gap-x-16 gap-y-8 lg:grid-cols-[minmax(0,1fr)_320px] lg:grid-rows-[auto_1fr]">
        <div>
          <h1 className="text-16 font-medium tracking-normal text-quiet">{title}</h1>
          <p className="mt-2 max-w-[36em] text-20 font-medium text-pretty md:text-28">
            <Sentence says={promise.says} />
          </p>
        </div>
        <Standing promise={promise} />
        <Numbers promise={promise} />
      </div>
      <Section title={words.history} id="history">
        {promise.days.some((day) => day.state !== 'none') ? (
          <>
            <p className="mb-4 text-14 text-quiet">{words.historyLead}</p>
            <DayCalendar days={promise.days} />
          </>
        ) : (
          <p className="text-14 text-quiet">{words.noHistory}</p>
        )}
      </Section>
      <PromiseParts promise={promise} />
      <PromiseAttestations promise={promise} />
      <Turns promise={promise} />
      <PromiseChanges promise={promise} />
      <ControlsAnswered promise={promise} />
    </article>
  )
}

/** How it stands, since when, on what evidence, and what to do. */
function Standing({ promise }: { promise: PromiseDetail }) {
  const words = useWords(promiseWords)
  const verdicts = useWords(verdictWords)
  const language = useLanguage()
  const now = useNow()
  const { population, provedAt, staleAt, since, dropped } = promise
  if (dropped !== null)
    return (
      <div className="border-t border-line-strong pt-4">
        <p className="font-semibold">{words.isDropped}</p>
        <p className="mt-2 text-14 text-quiet">{dropped}</p>
      </div>
    )
  return (
    <div className="self-start border-t border-line-strong pt-4 lg:col-start-2 lg:row-span-2 lg:row-start-1">
      <p className="flex items-baseline justify-between gap-4">
        <span className="text-20 font-semibold">
          <VerdictMark verdict={promise.verdict} />
        </span>
        {since === null ? null : (
          <span className="text-14 text-quiet">{words.since(sayMoment(since, now, language))}</span>
        )}
      </p>
      <p className="mt-3 text-14">
        <Reason text={promise.reason} />
      </p>
      {promise.remedy ? (
        <p className="mt-3 border-l-2 border-accent pl-3 text-14">
          <strong className="block">{words.remedy}</strong>
          <Reason text={promise.remedy} />
        </p>
      ) : null}
      {population ? (
        <p className="mt-5">
          <span className="text-40 font-[550] tracking-tight">{sayNumber(population.kept, language)}</span>
          <span className="text-20 text-quiet">
            {' / '}
            {sayNumber(population.all, language)}
          </span>
          <span className="block text-14 text-quiet">{population.of[language]}</span>
        </p>
      ) : null}
      <p className="mt-4 text-14 text-quiet">
        {provedAt === null ? words.never : words.evidenceOf(sayAgo(provedAt, now, language))}
        {staleAt === null || provedAt === null
          ? ''
          : `, ${staleAt < now ? words.stale : words.until(sayMoment(staleAt, now, language))}`}
        <br />
        {verdicts.kinds[promise.kind]}
      </p>
      <ProveNow promise={promise} />
    </div>
  )
}

/** The numbers of the sentence, set as numbers: the same object wherever they stand. */
function Numbers({ promise }: { promise: PromiseDetail }) {
  const words = useWords(promiseWords)
  const language = useLanguage()
  if (promise.values.length === 0) return null
  return (
    <dl
      aria-label={words.numbers}
      className="flex flex-wrap content-start gap-x-12 gap-y-5 border-t border-line pt-5"
    >
      {promise.values.map((value) => (
        <div
          key={value.name}
          className={`flex flex-col ${value.said[language].length > 24 ? 'max-w-xl' : 'max-w-60'}`}
        >
          <dd className="order-first text-28 leading-9 font-[550] tracking-tight text-accent md:text-40 md:leading-12">
            <BigValue said={value.said[language]} />
          </dd>
          <dt className="text-14 text-quiet">{value.means[language]}</dt>
        </div>
      ))}
    </dl>
  )
}

/** `90 days`: the number large, its unit beside it. What is no number stays text of middling size. */
function BigValue({ said }: { said: string }) {
  const found = /^([\d\s.,\u00a0]+)\s(\S+)$/.exec(said)
  if (!found) return <span className="block text-20 leading-7 tracking-normal">{said}</span>
  return (
    <>
      {found[1]}
      <span className="ml-1.5 text-16 font-medium tracking-normal">{found[2]}</span>
    </>
  )
}

/** Each time the verdict turned, newest first. */
function Turns({ promise }: { promise: PromiseDetail }) {
  const words = useWords(promiseWords)
  const language = useLanguage()
  const now = useNow()
  const turns = [...promise.history].sort((a, b) => b.at - a.at)
  if (turns.length === 0) return null
  return (
    <Section
      title={words.turns}
      id="turns"
      aside={
        <a href={`/log?q=${encodeURIComponent(promise.id)}`} className="text-14">
          {words.log}
        </a>
      }
    >
      <ol
        // A list that scrolls is reached by the keyboard too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
        tabIndex={0}
        className="max-h-96 overflow-y-auto"
      >
        {turns.map((turn) => (
          <li
            key={`${turn.at} ${turn.state}`}
            className="grid gap-x-6 border-b border-line py-2 text-14 md:grid-cols-[170px_140px_1fr]"
          >
            <time className="text-quiet" dateTime={new Date(turn.at).toISOString()}>
              {sayMoment(turn.at, now, language)}
            </time>
            <VerdictMark verdict={turn.state} />
            <span className="text-quiet">
              <Reason text={turn.reason} />
            </span>
          </li>
        ))}
      </ol>
    </Section>
  )
}

const FRAMEWORKS = [
  ['iso27001', 'ISO/IEC 27001:2022'],
  ['soc2', 'SOC 2'],
  ['csf', 'NIST CSF 2.0'],
  ['cis', 'CIS Controls 8.1'],
] as const

function ControlsAnswered({ promise }: { promise: PromiseDetail }) {
  const words = useWords(promiseWords)
  return (
    <Section title={words.controls} id="controls">
      <dl className="grid gap-x-12 gap-y-4 text-14 sm:grid-cols-2 lg:grid-cols-4">
        {FRAMEWORKS.map(([key, name]) => (
          <div key={key}>
            <dt className="text-quiet">{name}</dt>
            <dd className="font-mono text-13">{promise.controls[key].join('  ') || '–'}</dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}
