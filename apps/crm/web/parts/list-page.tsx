import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { plural } from '../format.ts'
import type { Page } from '../records.ts'
import { BASE, go, setQuery, usePlace } from '../router.ts'
import { useLoad } from '../use-load.ts'
import { Empty, Failed, Loading } from './states.tsx'

export type TableColumn<T> = {
  head: string
  cell: (row: T) => ComponentChildren
  /** A name the API sorts by. */
  sort?: string
  figures?: boolean
  /** Left out on a narrow screen. */
  wide?: boolean
  /** Never broken over two lines. */
  whole?: boolean
}

const PAGE = 50

/** A list is a question in the address: search, filters, sort and page can all be sent to a colleague. */
export function ListPage<T extends { id: string }>(props: {
  title: string
  noun: string
  api: string
  columns: readonly TableColumn<T>[]
  /** Where a row leads: a page of this app, or with `/api/` in front a file. */
  pathOf: (row: T) => string
  filters?: ComponentChildren
  filterNames?: readonly string[]
  actions?: ComponentChildren
  empty: ComponentChildren
  version?: number
}) {
  const { query } = usePlace()
  const params = new URLSearchParams({ limit: String(PAGE) })
  for (const name of ['q', 'sort', 'offset', ...(props.filterNames ?? [])]) {
    const value = query.get(name)
    if (value) params.set(name, value)
  }
  const { data, error, reload } = useLoad<Page<T>>(`${props.api}?${params}`)
  useEffect(() => {
    if (props.version) void reload()
  }, [props.version])
  const narrowed = ['q', ...(props.filterNames ?? [])].some((name) => query.get(name))

  return (
    <main id="main">
      <header class="page-head">
        <h1>{props.title}</h1>
        <div class="actions">{props.actions}</div>
      </header>
      <div class="filters">
        <SearchBox noun={props.noun} />
        {props.filters}
        <span class="count quiet">{data ? plural(data.total, props.noun) : ''}</span>
      </div>
      {error && !data && <Failed error={error} retry={() => void reload()} />}
      {!data && !error && <Loading rows={10} />}
      {data &&
        data.items.length === 0 &&
        (narrowed ? <NothingMatches names={['q', ...(props.filterNames ?? [])]} /> : props.empty)}
      {data && data.items.length > 0 && <Table {...props} rows={data.items} sort={query.get('sort') ?? ''} />}
      {data && <Pages total={data.total} offset={data.offset} />}
    </main>
  )
}

function NothingMatches({ names }: { names: readonly string[] }) {
  const clear = () => setQuery(Object.fromEntries([...names, 'offset'].map((name) => [name, null])))
  return (
    <Empty title="Nothing matches.">
      <button type="button" onClick={clear}>
        Show everything
      </button>
    </Empty>
  )
}

const isFile = (path: string) => path.startsWith('/api/')
const open = (path: string) => (isFile(path) ? location.assign(path) : go(path))

function SearchBox({ noun }: { noun: string }) {
  const { query } = usePlace()
  const [text, setText] = useState(query.get('q') ?? '')
  // Somebody else cleared it.
  useEffect(() => {
    if (!query.get('q')) setText('')
  }, [query.get('q')])
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== (query.get('q') ?? '')) setQuery({ q: text, offset: null })
    }, 200)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <input
      type="search"
      aria-label={`Filter ${noun}s`}
      placeholder="Filter"
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  )
}

function Table<T extends { id: string }>(props: {
  columns: readonly TableColumn<T>[]
  rows: readonly T[]
  pathOf: (row: T) => string
  sort: string
}) {
  const name = (column: TableColumn<T>) =>
    [column.figures && 'figures', column.wide && 'wide', column.whole && 'whole'].filter(Boolean).join(' ')
  const direction = (column: TableColumn<T>) =>
    props.sort === column.sort ? 'ascending' : props.sort === `-${column.sort}` ? 'descending' : undefined
  return (
    <table class="list">
      <thead>
        <tr>
          {props.columns.map((column) => (
            <th key={column.head} scope="col" class={name(column)} aria-sort={direction(column)}>
              {column.sort ? (
                <button
                  type="button"
                  class="sort"
                  onClick={() =>
                    setQuery({
                      sort: direction(column) === 'ascending' ? `-${column.sort}` : column.sort!,
                      offset: null,
                    })
                  }
                >
                  {column.head}
                  <span aria-hidden="true">
                    {{ ascending: ' ↑', descending: ' ↓', none: '' }[direction(column) ?? 'none']}
                  </span>
                </button>
              ) : (
                column.head
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr
            key={row.id}
            onClick={(event) => {
              // The link in the first cell is for the keyboard; the whole row is for the pointer.
              const onControl =
                event.target instanceof Element && event.target.closest('a, button, input, label')
              if (!onControl && !getSelection()?.toString()) open(props.pathOf(row))
            }}
          >
            {props.columns.map((column, i) => (
              <td key={column.head} class={name(column)}>
                {i === 0 ? (
                  <a href={isFile(props.pathOf(row)) ? props.pathOf(row) : BASE + props.pathOf(row)}>
                    {column.cell(row)}
                  </a>
                ) : (
                  column.cell(row)
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Pages({ total, offset }: { total: number; offset: number }) {
  if (total <= PAGE) return null
  const to = Math.min(offset + PAGE, total)
  const at = (value: number) => setQuery({ offset: value > 0 ? String(value) : null })
  return (
    <nav class="pages" aria-label="Pages">
      <button type="button" disabled={offset === 0} onClick={() => at(offset - PAGE)}>
        Previous
      </button>
      <span class="figures">
        {offset + 1}–{to} of {total}
      </span>
      <button type="button" disabled={to >= total} onClick={() => at(offset + PAGE)}>
        Next
      </button>
    </nav>
  )
}
