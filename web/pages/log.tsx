import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { type LogEntry, logHeadQuery, STREAMS } from '../data/log.ts'
import { useLogList } from '../data/log-list.ts'
import { changed } from '../routes/search.ts'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { ChoiceField, FilterBar, FindField } from '../ui/filters.tsx'
import { PageFrame } from '../ui/page-frame.tsx'
import { RowLink } from '../ui/row-link.tsx'
import { Empty, LoadingLines, ProblemNote } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { type Language, useLanguage, useWords } from '../words/language.ts'
import { logWords } from '../words/log.ts'
import { localeOf, sayNumber } from '../words/times.ts'

const LogEntryDialog = lazy(async () => ({ default: (await import('./log-entry.tsx')).LogEntryDialog }))

/** Rows drawn as still to come while the end is not known. */
const TO_COME = 8

const DATE = /^\d{4}-\d{2}-\d{2}$/

function columnsIn(
  words: (typeof logWords)['en'],
  language: Language,
  hrefOf: (index: number) => string,
): Column<LogEntry>[] {
  const format = new Intl.DateTimeFormat(localeOf(language), {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const about = (row: LogEntry) => (row.subject === 'plane' ? words.plane : row.subject)
  return [
    {
      id: 'index',
      head: '#',
      width: '72px',
      align: 'right',
      wide: true,
      cell: (row) => <span className="text-quiet">{sayNumber(row.index, language)}</span>,
    },
    {
      id: 'time',
      head: words.columns.time,
      width: '148px',
      wide: true,
      cell: (row) => <span className="whitespace-nowrap text-quiet">{format.format(row.time)}</span>,
    },
    {
      id: 'type',
      head: words.columns.type,
      width: 'minmax(0, 2fr)',
      cell: (row) => (
        <RowLink href={hrefOf(row.index)} className={row.stream === 'error' ? 'text-broken' : 'text-ink'}>
          {row.type}
          <span className="block truncate font-normal text-quiet md:hidden">
            {format.format(row.time)}, {about(row)}
          </span>
        </RowLink>
      ),
    },
    {
      id: 'stream',
      head: words.columns.stream,
      width: '112px',
      wide: true,
      cell: (row) => <span className="text-quiet">{words.streams[row.stream]}</span>,
    },
    {
      id: 'subject',
      head: words.columns.subject,
      width: 'minmax(0, 2fr)',
      wide: true,
      cell: (row) =>
        row.subject === 'plane' ? (
          <span className="text-quiet">{words.plane}</span>
        ) : (
          <code className="block truncate text-13">{row.subject}</code>
        ),
    },
    {
      id: 'region',
      head: words.columns.region,
      width: '120px',
      wide: true,
      cell: (row) => <span className="block truncate text-quiet">{row.region}</span>,
    },
  ]
}

/** The log from its newest entry back; filters, and the entry that is looked at, stand in the address. */
export function LogPage() {
  const words = useWords(logWords)
  const language = useLanguage()
  const { entry, ...filter } = useSearch({ from: '/log' })
  const navigate = useNavigate({ from: '/log' })
  const [isFollowed, setFollowed] = useState(true)
  const head = useQuery(logHeadQuery).data
  const list = useLogList(filter, isFollowed)
  const change = (more: { [K in keyof typeof filter]?: (typeof filter)[K] | undefined }) =>
    void navigate({ search: (old) => changed(old, more), replace: true })
  const { href } = useRouter().buildLocation({ to: '/log', search: { ...filter, entry: 0 } })
  const columns = useMemo(
    () => columnsIn(words, language, (index) => href.replace('entry=0', `entry=${index}`)),
    [words, language, href],
  )
  const isFiltered = Object.keys(filter).length > 0
  const { rows, hasMore, more, isPending } = list
  // A page may be empty and yet have a next one.
  const isNone = !isPending && rows.length === 0
  useEffect(() => {
    if (isNone && hasMore) more()
  }, [isNone, hasMore, more])

  return (
    <PageFrame title={words.title} lead={head ? words.lead(sayNumber(head.size, language)) : '\u00a0'}>
      <FilterBar>
        <FindField
          label={words.find}
          placeholder={words.findWhat}
          value={filter.q}
          onFind={(q) => change({ q })}
        />
        <ChoiceField
          label={words.stream}
          any={words.anyStream}
          value={filter.stream}
          choices={STREAMS}
          say={(one) => words.streams[one]}
          onChoose={(stream) => change({ stream })}
        />
        <SubjectField value={filter.subject} onChange={(subject) => change({ subject })} />
        <DateField label={words.from} value={filter.from} onChange={(from) => change({ from })} />
        <DateField label={words.to} value={filter.to} onChange={(to) => change({ to })} />
      </FilterBar>
      <p className="mb-2 flex items-baseline gap-3 text-14 text-quiet">
        <span role="status">{isFollowed ? words.follow : words.paused}</span>
        <button
          type="button"
          className="font-semibold text-accent"
          onClick={() => setFollowed((was) => !was)}
        >
          {isFollowed ? words.pause : words.resume}
        </button>
        {isFiltered ? (
          <Link to="/log" search={{}} className="ml-auto">
            {words.clear}
          </Link>
        ) : null}
      </p>
      {list.error ? (
        <ProblemNote error={list.error} retry={list.again} />
      ) : isPending || (isNone && hasMore) ? (
        <LoadingLines count={12} />
      ) : isNone ? (
        <Empty title={words.none}>
          <Link to="/log" search={{}}>
            {words.clear}
          </Link>
        </Empty>
      ) : (
        <DataTable
          name={words.title}
          columns={columns}
          rows={rows}
          total={rows.length + (hasMore ? TO_COME : 0)}
          keyOf={(row) => String(row.index)}
          more={more}
        />
      )}
      <Suspense>
        {entry === undefined ? null : (
          <LogEntryDialog
            index={entry}
            onClose={() =>
              void navigate({ search: (old) => changed(old, { entry: undefined }), resetScroll: false })
            }
          />
        )}
      </Suspense>
    </PageFrame>
  )
}

function DateField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string | undefined
  onChange(date: string | undefined): void
}) {
  return (
    <TextField
      type="date"
      label={label}
      value={value ?? ''}
      className="flex-1 basis-[calc(50%-6px)] md:max-w-[152px] md:basis-0"
      onChange={({ target }) => {
        if (target.value === '' || DATE.test(target.value)) onChange(target.value || undefined)
      }}
    />
  )
}

function SubjectField({
  value,
  onChange,
}: {
  value: string | undefined
  onChange(subject: string | undefined): void
}) {
  const words = useWords(logWords)
  const [text, setText] = useState(value ?? '')
  useEffect(() => setText(value ?? ''), [value])
  return (
    <TextField
      label={words.subject}
      placeholder={words.subjectHint}
      value={text}
      maxLength={64}
      spellCheck={false}
      className="flex-1 basis-[calc(50%-6px)] md:max-w-[240px] md:basis-0"
      onChange={({ target }) => setText(target.value)}
      onBlur={() => text.trim() !== (value ?? '') && onChange(text.trim() || undefined)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onChange(text.trim() || undefined)
      }}
    />
  )
}
