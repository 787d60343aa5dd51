import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { queryClient } from '../data/api.ts'
import { advanceBy, breakIt, type Demo, demoQuery, mendIt } from '../data/demo.ts'
import { promisesQuery } from '../data/promises.ts'
import { meQuery } from '../data/session.ts'
import { demoWords } from '../words/demo.ts'
import { useLanguage, useWords } from '../words/language.ts'
import { localeOf, sayAgo, useNow, worldNow } from '../words/times.ts'
import { Button } from './button.tsx'
import { VerdictMark } from './mark.tsx'
import { ProblemNote } from './states.tsx'

const DAY_MS = 86_400_000
const WIDTH = 'mx-auto max-w-[1360px] px-4 md:px-8'

/** Says that nothing here is real, and lets anyone see a promise turn red and green again. */
export default function DemoBanner() {
  const words = useWords(demoWords)
  const language = useLanguage()
  const { data: demo } = useQuery(demoQuery)
  const [isOpen, setOpen] = useState(false)
  const broken = demo?.breakable.filter((one) => demo.broken.includes(one.what)) ?? []
  const names = new Intl.ListFormat(language).format(broken.map((one) => one.title[language]))
  return (
    <aside aria-label={words.title} className="border-b border-line bg-sunk text-14">
      <div className={`${WIDTH} flex min-h-10 flex-wrap items-center gap-x-5 gap-y-1 py-1`}>
        <p>
          <strong>{words.title}.</strong> <span className="text-quiet max-md:sr-only">{words.lead}</span>
        </p>
        {broken.length > 0 ? <p className="text-broken">{words.broken(names)}</p> : null}
        {demo ? (
          <div className="ml-auto flex items-center gap-5">
            {Math.abs(demo.offsetMs) >= DAY_MS ? <Clock demo={demo} /> : null}
            <button
              type="button"
              aria-expanded={isOpen}
              onClick={() => setOpen(!isOpen)}
              className="min-h-8 text-accent underline underline-offset-3"
            >
              {isOpen ? words.close : words.tryIt}
            </button>
          </div>
        ) : null}
      </div>
      {isOpen && demo ? <Workshop demo={demo} /> : null}
    </aside>
  )
}

function Clock({ demo }: { demo: Demo }) {
  const words = useWords(demoWords)
  const language = useLanguage()
  useNow()
  const format = new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'medium', timeStyle: 'short' })
  const days = Math.round(demo.offsetMs / DAY_MS)
  const by = new Intl.NumberFormat(localeOf(language), {
    style: 'unit',
    unit: 'day',
    unitDisplay: 'long',
  }).format(days)
  return (
    <p className="text-quiet">
      <span className="text-ink">{format.format(worldNow())}</span> ·{' '}
      {days === 0 ? words.real : words.ahead(by)}
    </p>
  )
}

function Workshop({ demo }: { demo: Demo }) {
  const words = useWords(demoWords)
  const language = useLanguage()
  const now = useNow()
  const me = useQuery(meQuery).data
  const advance = useMutation({ mutationFn: advanceBy, onSettled: refresh })
  const isAdvancing = advance.isPending || (demo.advance !== null && demo.advance.endedAt === null)
  const why = me?.person?.role === 'auditor' ? words.mayNot : null
  return (
    <div className={`${WIDTH} border-t border-line pt-4 pb-5`}>
      <ul className="grid gap-x-8 gap-y-6 sm:grid-cols-2 lg:grid-cols-4">
        {demo.breakable.map((one) => (
          <Breakable key={one.what} demo={demo} one={one} why={why} />
        ))}
      </ul>
      <p className="mt-4 text-quiet">{words.watch}</p>
      {demo.problem ? <p className="mt-2 text-broken">{demo.problem}</p> : null}
      <div className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line pt-4">
        <strong>{words.clock}</strong>
        <Clock demo={demo} />
        <span className="ml-auto text-quiet">{words.advance}</span>
        {(['P1D', 'P30D', 'P90D'] as const).map((by) => (
          <Button key={by} size="small" why={why} disabled={isAdvancing} onClick={() => advance.mutate(by)}>
            {words.by[by]}
          </Button>
        ))}
      </div>
      <p role="status" className="mt-2 text-quiet">
        {isAdvancing
          ? words.advancing(demo.advance?.item ?? '')
          : demo.next
            ? words.next(demo.next.what, sayAgo(demo.next.at, now, language))
            : ''}
      </p>
      {demo.advance?.problem ? <p className="text-broken">{demo.advance.problem}</p> : null}
      {advance.error ? <ProblemNote error={advance.error} /> : null}
    </div>
  )
}

const refresh = () => queryClient.invalidateQueries({ queryKey: demoQuery.queryKey })

function Breakable({ demo, one, why }: { demo: Demo; one: Demo['breakable'][number]; why: string | null }) {
  const words = useWords(demoWords)
  const language = useLanguage()
  const promise = useQuery(promisesQuery).data?.find((made) => made.id === one.promise)
  const isBroken = demo.broken.includes(one.what)
  const doing = demo.doing.find((it) => it.what === one.what)?.word
  const failed = demo.failed.find((it) => it.what === one.what)
  const turn = useMutation({
    mutationFn: () => (isBroken ? mendIt(one.what) : breakIt(one.what)),
    onSettled: refresh,
  })
  const busy = doing ?? (turn.isPending ? (isBroken ? 'mend' : 'break') : undefined)
  return (
    <li className="flex flex-col items-start gap-2">
      <p className="flex w-full items-baseline justify-between gap-3">
        <strong>{one.title[language]}</strong>
        {promise ? (
          <Link to="/promises/$promise" params={{ promise: one.promise }} className="no-underline">
            <VerdictMark verdict={promise.verdict} />
          </Link>
        ) : null}
      </p>
      <p className="grow text-quiet">{one.does[language]}</p>
      <Button
        size="small"
        kind={isBroken ? 'main' : 'danger'}
        why={why}
        disabled={busy !== undefined}
        onClick={() => turn.mutate()}
      >
        {busy === 'break'
          ? words.breaking
          : busy === 'mend'
            ? words.mending
            : isBroken
              ? words.mend
              : words.break}
      </Button>
      {failed ? <p className="text-broken">{failed.problem}</p> : null}
      {turn.error ? <ProblemNote error={turn.error} /> : null}
    </li>
  )
}
