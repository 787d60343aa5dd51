import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { RegionId } from '../data/fleet.ts'
import { useLongList } from '../data/long-list.ts'
import { type Artefact, artefactListQuery } from '../data/places.ts'
import { type Column, DataTable } from '../ui/data-table.tsx'
import { Section } from '../ui/page-frame.tsx'
import { RowLink } from '../ui/row-link.tsx'
import { LoadingLines, ProblemNote } from '../ui/states.tsx'
import { type Language, useLanguage, useWords } from '../words/language.ts'
import { regionWords } from '../words/regions.ts'
import { sayBytes } from '../words/sizes.ts'

function columnsIn(words: (typeof regionWords)['en'], language: Language): Column<Artefact>[] {
  const look = (row: Artefact) => (row.isInside === false ? 'text-broken' : 'text-ink')
  return [
    {
      id: 'who',
      head: words.who,
      width: 'minmax(0, 2fr)',
      cell: (row) =>
        row.instance === null ? (
          <span className={`block truncate ${look(row)}`}>{words.nobody}</span>
        ) : (
          <RowLink href={`/instances/${row.instance}`} className={look(row)}>
            {row.company ?? row.instance}
          </RowLink>
        ),
    },
    {
      id: 'kind',
      head: words.kind,
      width: 'minmax(88px, 1fr)',
      cell: (row) => <span className={look(row)}>{words.kinds[row.kind]}</span>,
    },
    {
      id: 'where',
      head: words.where,
      width: 'minmax(0, 4fr)',
      wide: true,
      cell: (row) => (
        <code className={`block truncate text-13 ${row.isInside === false ? 'text-broken' : 'text-quiet'}`}>
          {row.where.path}
        </code>
      ),
    },
    {
      id: 'region',
      head: words.region,
      width: 'minmax(0, 1.2fr)',
      cell: (row) => (
        <span className={`block truncate ${look(row)}`}>
          {row.where.region === null
            ? words.somewhere
            : (words.regions[row.where.region as keyof typeof words.regions] ?? row.where.region)}
        </span>
      ),
    },
    {
      id: 'size',
      head: words.size,
      width: '88px',
      align: 'right',
      wide: true,
      cell: (row) => (
        <span className="text-quiet">{row.sizeBytes === null ? '–' : sayBytes(row.sizeBytes, language)}</span>
      ),
    },
  ]
}

/** Every artefact by name, of one region or of all. */
export function ArtefactList({ region }: { region: RegionId | undefined }) {
  const words = useWords(regionWords)
  const language = useLanguage()
  const columns = useMemo(() => columnsIn(words, language), [words, language])
  const list = useLongList<Artefact>('promises', artefactListQuery(region))
  return (
    <Section
      title={region === undefined ? words.list : `${words.list}: ${words.regions[region]}`}
      id="artefacts"
      aside={
        region === undefined ? null : (
          <Link from="/regions" search={{}} resetScroll={false} className="text-14">
            {words.all}
          </Link>
        )
      }
    >
      {list.error ? (
        <ProblemNote error={list.error} retry={list.again} />
      ) : list.isPending ? (
        <LoadingLines count={6} />
      ) : list.total === 0 ? (
        <p className="py-2 text-quiet">{words.none}</p>
      ) : (
        <DataTable
          key={region ?? ''}
          name={words.list}
          columns={columns}
          rows={list.rows}
          total={list.total}
          keyOf={(row) => `${row.where.store} ${row.where.path} ${row.kind}`}
          more={list.more}
          onSeen={list.onSeen}
        />
      )}
    </Section>
  )
}
