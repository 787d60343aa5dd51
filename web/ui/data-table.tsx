import { useWindowVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  memo,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { fleetWords } from '../words/fleet.ts'
import { useWords } from '../words/language.ts'

/** A column: its heading, how a row shows in it, and by which word of the address it is sorted. */
export type Column<Row> = {
  id: string
  head: string
  /** A share of the width as CSS grid takes it. */
  width: string
  cell(row: Row): ReactNode
  sort?: string
  align?: 'right'
  /** Left out on narrow screens. */
  wide?: boolean
}

const ROW_PX = 44
const ROW_NARROW_PX = 68
const NARROW = '(max-width: 759px)'
/** From here on only the rows in sight are drawn. */
const DRAWN_WHOLE = 200

/**
 * A dense table under a head that stays: rows of one height, drawn as they come into sight. Up, down, Home, End and the page
 * keys move between rows; the first cell of a row holds the link that Enter follows.
 */
export function DataTable<Row>({
  name,
  columns,
  rows,
  total,
  keyOf,
  sort,
  onSort,
  more,
  onSeen,
}: {
  name: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  /** How many there are, also of those that have not come yet. */
  total: number
  keyOf(row: Row): string
  sort?: string
  onSort?(sort: string): void
  /** Called while the end of what has come is near. */
  more?(): void
  /** Told which rows are in sight. */
  onSeen?(first: number, last: number): void
}) {
  const words = useWords(fleetWords)
  const body = useRef<HTMLDivElement>(null)
  const isNarrow = useNarrow()
  const [top, setTop] = useState(0)
  const [active, setActive] = useState(0)
  const wish = useRef<number | undefined>(undefined)
  const rowPx = isNarrow ? ROW_NARROW_PX : ROW_PX

  useLayoutEffect(() => {
    setTop(body.current ? body.current.getBoundingClientRect().top + window.scrollY : 0)
  }, [])
  const virtual = useWindowVirtualizer({
    count: total,
    estimateSize: () => rowPx,
    overscan: total <= DRAWN_WHOLE ? DRAWN_WHOLE : 12,
    scrollMargin: top,
    scrollPaddingStart: 48,
  })
  useEffect(() => {
    if (rowPx > 0) virtual.measure()
  }, [rowPx, virtual])

  const items = virtual.getVirtualItems()
  const firstSeen = items[0]?.index ?? 0
  const lastSeen = items.at(-1)?.index ?? 0
  useEffect(() => onSeen?.(firstSeen, lastSeen), [firstSeen, lastSeen, onSeen])
  useEffect(() => {
    if (lastSeen + 60 >= rows.length && rows.length < total) more?.()
  }, [lastSeen, rows.length, total, more])

  useEffect(() => {
    if (wish.current === undefined) return
    const row = body.current?.querySelector<HTMLElement>(`[data-row="${wish.current}"] a`)
    if (!row) return
    wish.current = undefined
    row.focus({ preventScroll: true })
  })
  const goTo = (index: number) => {
    const next = Math.max(0, Math.min(total - 1, index))
    wish.current = next
    setActive(next)
    virtual.scrollToIndex(next, { align: 'auto' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(window.innerHeight / rowPx) - 3)
    const steps: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: rows.length - 1,
    }
    const next = steps[event.key]
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    goTo(next)
  }
  const shown = useMemo(
    () => (isNarrow ? columns.filter((column) => !column.wide) : columns),
    [isNarrow, columns],
  )
  const grid = shown.map((column) => column.width).join(' ')

  return (
    // Elements of tables cannot be laid out as a grid whose rows come and go; the roles say the same.
    // biome-ignore lint/a11y/useSemanticElements: see above
    <div role="table" aria-label={words.table(name)} aria-rowcount={total + 1} className="text-14">
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <div role="rowgroup" className="sticky top-0 z-10 bg-paper">
        {/* biome-ignore lint/a11y/useSemanticElements: see above */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: a row of headings is not moved to */}
        <div
          role="row"
          aria-rowindex={1}
          style={{ gridTemplateColumns: grid }}
          className="grid gap-x-4 border-b border-line-strong md:gap-x-6"
        >
          {shown.map((column) => (
            <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
          ))}
        </div>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <div
        role="rowgroup"
        ref={body}
        onKeyDown={onKeyDown}
        className="relative"
        style={{ height: virtual.getTotalSize() }}
      >
        {items.map((item) => {
          const row = rows[item.index]
          return (
            <DrawnRow
              key={row ? keyOf(row) : `at-${item.index}`}
              row={row}
              columns={shown}
              index={item.index}
              topPx={item.start - virtual.options.scrollMargin}
              heightPx={rowPx}
              grid={grid}
              onFocus={setActive}
            />
          )
        })}
      </div>
    </div>
  )
}

type RowParts<Row> = {
  row: Row | undefined
  columns: readonly Column<Row>[]
  index: number
  topPx: number
  heightPx: number
  grid: string
  onFocus(index: number): void
}

/** Drawn again only when something of it changed: scrolling draws what comes into sight, and nothing else. */
const DrawnRow = memo(function DrawnRow<Row>(parts: RowParts<Row>) {
  const { row, columns, index, topPx, heightPx, grid, onFocus } = parts
  return (
    // biome-ignore lint/a11y/useSemanticElements: as the table
    // biome-ignore lint/a11y/useFocusableInteractive: the link in its first cell takes the focus
    <div
      role="row"
      aria-rowindex={index + 2}
      data-row={index}
      onFocus={() => onFocus(index)}
      className="absolute inset-x-0 top-0 grid items-center gap-x-4 border-b border-line focus-within:bg-sunk hover:bg-sunk md:gap-x-6"
      style={{ gridTemplateColumns: grid, height: heightPx, transform: `translateY(${topPx}px)` }}
    >
      {columns.map((column) => (
        // biome-ignore lint/a11y/useSemanticElements: as the table
        <div
          key={column.id}
          role="cell"
          className={`min-w-0 ${column.align === 'right' ? 'text-right' : ''}`}
        >
          {row ? column.cell(row) : <span className="block h-3 w-2/3 rounded-[2px] bg-sunk" />}
        </div>
      ))}
    </div>
  )
}) as <Row>(parts: RowParts<Row>) => ReactNode

function HeadCell<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>
  sort: string | undefined
  onSort: ((sort: string) => void) | undefined
}) {
  const words = useWords(fleetWords)
  const isUp = column.sort !== undefined && sort === column.sort
  const isDown = column.sort !== undefined && sort === `-${column.sort}`
  const arrow = (
    <span aria-hidden="true" className="inline-block w-4 text-center">
      {isUp ? '↑' : isDown ? '↓' : ''}
    </span>
  )
  const text = 'py-2.5 text-13 font-semibold text-quiet whitespace-nowrap'
  return (
    // biome-ignore lint/a11y/useSemanticElements: as the table
    // biome-ignore lint/a11y/useFocusableInteractive: its button is
    <div
      role="columnheader"
      aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}
      className={`min-w-0 ${column.align === 'right' ? 'text-right' : ''}`}
    >
      {column.sort && onSort ? (
        <button
          type="button"
          onClick={() => onSort(isUp ? `-${column.sort}` : column.sort!)}
          className={`${text} max-w-full truncate hover:text-ink ${isUp || isDown ? 'text-ink' : ''}`}
        >
          {column.align === 'right' ? arrow : null}
          {column.head}
          {column.align === 'right' ? null : arrow}
          <span className="sr-only">{isUp ? words.sortedUp : isDown ? words.sortedDown : ''}</span>
        </button>
      ) : (
        <span className={`block truncate ${text}`}>{column.head}</span>
      )}
    </div>
  )
}

function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches)
  useEffect(() => {
    const query = matchMedia(NARROW)
    const listen = () => setNarrow(query.matches)
    query.addEventListener('change', listen)
    return () => query.removeEventListener('change', listen)
  }, [])
  return isNarrow
}
