import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { type Promised, promisesQuery, VERDICTS, type Verdict } from '../data/promises.ts'
import { meQuery } from '../data/session.ts'
import { Mark, VerdictMark } from '../ui/mark.tsx'
import { Reason } from '../ui/reason.tsx'
import { Sentence } from '../ui/sentence.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { Wall } from '../ui/wall.tsx'
import { boardWords } from '../words/board.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { sayMoment, useNow } from '../words/times.ts'
import { verdictWords } from '../words/verdicts.ts'
import { BoardList } from './board-list.tsx'

/** Answers: are we keeping our word? */
export function BoardPage() {
  const words = useWords(boardWords)
  const { data, error, refetch } = useQuery(promisesQuery)
  useEffect(() => {
    document.title = `${words.title} · Borgen`
  }, [words.title])
  if (data) return <Board promises={data} />
  return (
    <>
      <h1 className="mb-8 text-28">{words.title}</h1>
      {error ? <ProblemNote error={error} retry={() => void refetch()} /> : <LoadingLines count={12} />}
    </>
  )
}

function Board({ promises }: { promises: readonly Promised[] }) {
  const words = useWords(boardWords)
  const { verdict } = useSearch({ from: '/' })
  const [looked, setLooked] = useState<string>()
  const made = promises.filter((one) => one.dropped === null)
  const shown = verdict === undefined ? promises : made.filter((one) => one.verdict === verdict)
  // What needs an eye is told unasked.
  const lookedAt =
    made.find((one) => one.id === looked) ??
    made.find((one) => one.verdict === 'broken') ??
    made.find((one) => one.verdict === 'unknown')
  return (
    <>
      <div className="grid grid-cols-1 gap-x-12 gap-y-6 lg:grid-cols-[320px_minmax(0,1fr)]">
        <div className="flex flex-col">
          <h1 className="text-16 font-medium tracking-normal text-quiet">{words.title}</h1>
          <Answer promises={made} />
          <Legend promises={made} current={verdict} />
          <FirstSteps />
          <div className="mt-6 hidden min-h-44 border-t border-line pt-4 lg:block" aria-live="polite">
            {lookedAt ? <Reading promise={lookedAt} /> : <p className="text-14 text-quiet">{words.pick}</p>}
          </div>
        </div>
        <nav aria-label={words.wall}>
          <Wall
            promises={promises}
            faded={(one) => verdict !== undefined && one.verdict !== verdict}
            onLook={setLooked}
          />
        </nav>
      </div>
      <BoardList promises={shown} verdict={verdict} />
    </>
  )
}

// `Only modern TLS` within a sentence is `only modern TLS`; `TLS everywhere` stays.
const inSentence = (title: string, language: string) =>
  /^\p{Lu}\p{Lu}/u.test(title) ? title : title.slice(0, 1).toLocaleLowerCase(language) + title.slice(1)

/** The board in plain words. */
function Answer({ promises }: { promises: readonly Promised[] }) {
  const words = useWords(boardWords)
  const language = useLanguage()
  const now = useNow()
  const of = (verdict: Verdict) => promises.filter((one) => one.verdict === verdict)
  const [kept, broken] = [of('kept'), of('broken')]
  if (promises.length === 0)
    return (
      <p className="mt-2 text-28 font-semibold tracking-tight">
        {words.nothing} <span className="text-quiet">{words.nothingRemedy}</span>
      </p>
    )
  const titles = broken.slice(0, 3).map((one) => inSentence(one.title[language], language))
  const named = [...titles, ...(broken.length > 3 ? [words.more(broken.length - 3)] : [])]
  const list = new Intl.ListFormat(language).format(named)
  const [first] = broken
  return (
    <p className="mt-2 text-28 font-semibold tracking-tight text-pretty">
      {kept.length === promises.length ? words.all(kept.length) : words.kept(kept.length, promises.length)}{' '}
      {broken.length === 1 && first ? (
        <span className="text-broken">
          {words.oneBroken(titles[0]!, sayMoment(first.since ?? now, now, language))}
        </span>
      ) : broken.length > 1 ? (
        <span className="text-broken">{words.broken(broken.length, list)}</span>
      ) : null}
    </p>
  )
}

/** For who has no passkey yet: the way to the first steps. */
function FirstSteps() {
  const words = useWords(boardWords)
  const me = useQuery(meQuery).data
  if (!me || me.person === null || me.passkeys.length > 0) return null
  return (
    <p className="mt-5 text-14">
      {words.newHere} <Link to="/start">{words.firstSteps}</Link>
    </p>
  )
}

/** How many stones stand in each state; each line shows only those. */
function Legend({ promises, current }: { promises: readonly Promised[]; current: Verdict | undefined }) {
  const words = useWords(verdictWords)
  const board = useWords(boardWords)
  return (
    <ul aria-label={board.filter} className="mt-5 grid grid-cols-2 gap-x-6 text-14 lg:grid-cols-1">
      {VERDICTS.map((verdict) => {
        const count = promises.filter((one) => one.verdict === verdict).length
        const isCurrent = current === verdict
        return (
          <li key={verdict}>
            <Link
              to="/"
              search={isCurrent ? {} : { verdict }}
              aria-current={isCurrent ? 'true' : undefined}
              title={words.means[verdict]}
              className={`flex min-h-8 items-center gap-3 no-underline hover:text-accent ${isCurrent ? 'font-semibold text-accent' : 'text-ink'}`}
            >
              <Mark verdict={verdict} />
              <span className="w-6 text-right">{count}</span>
              <span>{words[verdict]}</span>
            </Link>
          </li>
        )
      })}
    </ul>
  )
}

function Reading({ promise }: { promise: Promised }) {
  const language = useLanguage()
  return (
    <>
      <p className="flex items-baseline justify-between gap-4 text-14">
        <strong>{promise.title[language]}</strong>
        <VerdictMark verdict={promise.verdict} />
      </p>
      <p className="mt-2 text-14">
        <Sentence says={promise.says} />
      </p>
      <p className="mt-2 text-14 text-quiet">
        <Reason text={promise.reason} />
      </p>
    </>
  )
}
