import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import {
  appsQuery,
  INSTANCE_STATES,
  type Instance,
  instanceListQuery,
  REGIONS,
  stateOf,
} from '../data/fleet.ts'
import { useLongList } from '../data/long-list.ts'
import { changed } from '../routes/search.ts'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { ChoiceField, FilterBar, FindField } from '../ui/filters.tsx'
import { InstanceMark } from '../ui/instance-mark.tsx'
import { PageFrame } from '../ui/page-frame.tsx'
import { RowLink } from '../ui/row-link.tsx'
import { Empty, LoadingLines, ProblemNote } from '../ui/states.tsx'
import { fleetWords } from '../words/fleet.ts'
import { type Language, useLanguage, useWords } from '../words/language.ts'
import { sayAgo, sayNumber, useNow } from '../words/times.ts'

type Words = (typeof fleetWords)['en']

function columnsIn(words: Words, language: Language, now: number): Column<Instance>[] {
  const head = words.columns
  return [
    {
      id: 'company',
      head: head.company,
      width: 'minmax(0, 3fr)',
      sort: 'company',
      cell: (row) => (
        <RowLink href={`/instances/${row.id}`} className="text-ink">
          {row.company}
          <span className="block truncate font-normal text-quiet md:hidden">
            {words.regions[row.region as keyof Words['regions']]}
          </span>
        </RowLink>
      ),
    },
    {
      id: 'state',
      head: head.state,
      width: 'minmax(116px, 1.1fr)',
      sort: 'state',
      cell: (row) => <InstanceMark state={stateOf(row)} />,
    },
    {
      id: 'region',
      head: head.region,
      width: 'minmax(0, 1.4fr)',
      sort: 'region',
      wide: true,
      cell: (row) => (
        <span className="block truncate">{words.regions[row.region as keyof Words['regions']]}</span>
      ),
    },
    {
      id: 'app',
      head: head.app,
      width: 'minmax(0, 1fr)',
      sort: 'app',
      wide: true,
      cell: (row) => (
        <span className="block truncate">
          {row.app} <span className="text-quiet">{row.version}</span>
        </span>
      ),
    },
    {
      id: 'used',
      head: head.used,
      width: '112px',
      sort: 'used',
      align: 'right',
      wide: true,
      cell: (row) => (
        <span className="whitespace-nowrap text-quiet">
          {row.lastUsedAt === null ? words.never : sayAgo(row.lastUsedAt, now, language)}
        </span>
      ),
    },
  ]
}

/** Every instance; quick at ten thousand. Filters and order stand in the address. */
export function InstancesPage() {
  const words = useWords(fleetWords)
  const language = useLanguage()
  const now = useNow()
  const filter = useSearch({ from: '/instances' })
  const navigate = useNavigate({ from: '/instances' })
  const apps = useQuery(appsQuery).data ?? []
  const list = useLongList<Instance>('instances', instanceListQuery(filter))
  const change = (more: { [K in keyof typeof filter]?: (typeof filter)[K] | undefined }) =>
    void navigate({ search: (old) => changed(old, more), replace: true })
  const columns = useMemo(() => columnsIn(words, language, now), [words, language, now])
  const isFiltered = Boolean(filter.q ?? filter.state ?? filter.region ?? filter.app)
  const isNone = !list.isPending && list.total === 0

  return (
    <PageFrame title={words.instancesTitle} lead={words.instancesLead}>
      {isNone && !isFiltered ? (
        <Empty title={words.instancesNone}>
          <Link to="/accounts">{words.accountsTitle}</Link>
        </Empty>
      ) : (
        <>
          <FilterBar aside={list.isPending ? null : words.shown(sayNumber(list.total, language))}>
            <FindField
              label={words.find}
              placeholder={words.findCustomer}
              value={filter.q}
              onFind={(q) => change({ q })}
            />
            <ChoiceField
              label={words.columns.state}
              any={words.any.state}
              value={filter.state}
              choices={INSTANCE_STATES}
              say={(one) => words.states[one]}
              onChoose={(state) => change({ state })}
            />
            <ChoiceField
              label={words.columns.region}
              any={words.any.region}
              value={filter.region}
              choices={REGIONS}
              say={(one) => words.regions[one]}
              onChoose={(region) => change({ region })}
            />
            {apps.length > 1 || filter.app ? (
              <ChoiceField
                label={words.columns.app}
                any={words.any.app}
                value={filter.app}
                choices={apps}
                say={(one) => one}
                onChoose={(app) => change({ app })}
              />
            ) : null}
          </FilterBar>
          {list.error ? (
            <ProblemNote error={list.error} retry={list.again} />
          ) : list.isPending ? (
            <LoadingLines count={10} />
          ) : isNone ? (
            <Empty title={words.noneFound}>
              <Link to="/instances" search={{}}>
                {words.clear}
              </Link>
            </Empty>
          ) : (
            <DataTable
              name={words.instancesTitle}
              columns={columns}
              rows={list.rows}
              total={list.total}
              keyOf={(row) => row.id}
              sort={filter.sort ?? 'created'}
              onSort={(sort) => change({ sort: sort as never })}
              more={list.more}
              onSeen={list.onSeen}
            />
          )}
        </>
      )}
    </PageFrame>
  )
}
