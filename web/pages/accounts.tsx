import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { type Account, accountListQuery, PLANS, REGIONS } from '../data/fleet.ts'
import { useLongList } from '../data/long-list.ts'
import { changed } from '../routes/search.ts'
import { Command } from '../ui/command.tsx'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { ChoiceField, FilterBar, FindField } from '../ui/filters.tsx'
import { PageFrame } from '../ui/page-frame.tsx'
import { RowLink } from '../ui/row-link.tsx'
import { Empty, LoadingLines, ProblemNote } from '../ui/states.tsx'
import { countryName } from '../words/countries.ts'
import { fleetWords } from '../words/fleet.ts'
import { type Language, useLanguage, useWords } from '../words/language.ts'
import { sayDay, sayNumber } from '../words/times.ts'

const SIGN_UP =
  'npx borgen account sign-up --company Acme --email ann@acme.test \\\n  --country SE --region eu-frankfurt'

type Words = (typeof fleetWords)['en']

function columnsIn(words: Words, language: Language): Column<Account>[] {
  const head = words.columns
  return [
    {
      id: 'company',
      head: head.company,
      width: 'minmax(0, 3fr)',
      sort: 'company',
      cell: (row) => (
        <RowLink href={`/accounts/${row.id}`} className="text-ink">
          {row.company}
          <span className="block truncate font-normal text-quiet md:hidden">
            {countryName(row.country, language)}, {words.plans[row.plan]}
          </span>
        </RowLink>
      ),
    },
    {
      id: 'country',
      head: head.country,
      width: 'minmax(0, 1.4fr)',
      sort: 'country',
      wide: true,
      cell: (row) => <span className="block truncate">{countryName(row.country, language)}</span>,
    },
    {
      id: 'region',
      head: head.region,
      width: 'minmax(0, 1.4fr)',
      sort: 'region',
      cell: (row) => <span className="block truncate">{words.regions[row.region]}</span>,
    },
    {
      id: 'plan',
      head: head.plan,
      width: 'minmax(0, 1.4fr)',
      sort: 'plan',
      wide: true,
      cell: (row) => (
        <span className="block truncate">
          {words.plans[row.plan]}
          {row.trialEndsOn ? (
            <span className="text-quiet">
              {' '}
              → {sayDay(Date.parse(`${row.trialEndsOn}T12:00:00Z`), language)}
            </span>
          ) : null}
        </span>
      ),
    },
    {
      id: 'created',
      head: head.created,
      width: '112px',
      sort: 'created',
      align: 'right',
      wide: true,
      cell: (row) => <span className="whitespace-nowrap text-quiet">{sayDay(row.createdAt, language)}</span>,
    },
  ]
}

/** Every customer; filters and order stand in the address. */
export function AccountsPage() {
  const words = useWords(fleetWords)
  const language = useLanguage()
  const filter = useSearch({ from: '/accounts' })
  const navigate = useNavigate({ from: '/accounts' })
  const list = useLongList<Account>('accounts', accountListQuery(filter))
  const change = (more: { [K in keyof typeof filter]?: (typeof filter)[K] | undefined }) =>
    void navigate({ search: (old) => changed(old, more), replace: true })
  const columns = useMemo(() => columnsIn(words, language), [words, language])
  const isFiltered = Boolean(filter.q ?? filter.plan ?? filter.region)
  const isNone = !list.isPending && list.total === 0

  return (
    <PageFrame
      title={words.accountsTitle}
      lead={list.total === 0 ? '\u00a0' : words.accountsLead(sayNumber(list.total, language))}
    >
      {isNone && !isFiltered ? (
        <Empty title={words.accountsNone}>
          <p className="mb-3">{words.accountsNoneRemedy}</p>
          <Command text={SIGN_UP} />
        </Empty>
      ) : (
        <>
          <FilterBar aside={isFiltered ? words.shown(sayNumber(list.total, language)) : null}>
            <FindField
              label={words.find}
              placeholder={words.findCustomer}
              value={filter.q}
              onFind={(q) => change({ q })}
            />
            <ChoiceField
              label={words.columns.region}
              any={words.any.region}
              value={filter.region}
              choices={REGIONS}
              say={(one) => words.regions[one]}
              onChoose={(region) => change({ region })}
            />
            <ChoiceField
              label={words.columns.plan}
              any={words.any.plan}
              value={filter.plan}
              choices={PLANS}
              say={(one) => words.plans[one]}
              onChoose={(plan) => change({ plan })}
            />
          </FilterBar>
          {list.error ? (
            <ProblemNote error={list.error} retry={list.again} />
          ) : list.isPending ? (
            <LoadingLines count={10} />
          ) : isNone ? (
            <Empty title={words.noneFound}>
              <Link to="/accounts" search={{}}>
                {words.clear}
              </Link>
            </Empty>
          ) : (
            <DataTable
              name={words.accountsTitle}
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
