import { z } from 'zod'
import { AppError } from '../kernel/errors.ts'

/** Most rows of one page. */
export const PAGE_LIMIT = 1000
const PAGE_USUALLY = 100

/** `?after=<cursor>&limit=<1…1000>` of every list; cursors are opaque to clients. */
export const pageQuery = z.object({
  after: z.string().max(800).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(PAGE_USUALLY),
})

/** `?sort=<column>`, with a hyphen before it the other way round. */
export function sortBy<const Column extends string>(
  first: Column,
  ...others: Column[]
): z.ZodPrefault<z.ZodType<Sort<Column>, Sort<Column>>> {
  const words = [first, ...others].flatMap((column) => [column, `-${column}`])
  const word = z.enum(words as [string, ...string[]]) as unknown as z.ZodType<Sort<Column>, Sort<Column>>
  return z.prefault(word, first as never).describe('a hyphen before it turns the order round')
}
export type Sort<Column extends string> = Column | `-${Column}`

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next: z.string().nullable(),
    total: z.number().describe('how many there are in all pages, with these filters'),
  })
}

/** After which row a page begins: by what it is sorted by, then by id. */
export type Position = { value: string | number; id: string }

/** How a list is asked for: filters are the list's own. */
export type Asked<Column extends string> = {
  sort: Sort<Column>
  after: Position | undefined
  limit: number
}

/** `-company` as column and direction. */
export function directionOf<Column extends string>(
  sort: Sort<Column>,
): { column: Column; direction: 'asc' | 'desc' } {
  return sort.startsWith('-')
    ? { column: sort.slice(1) as Column, direction: 'desc' }
    : { column: sort as Column, direction: 'asc' }
}

const cursorSchema = z.tuple([
  z.string().max(32),
  z.union([z.string().max(400), z.number()]),
  z.string().regex(/^[a-z]{3}_[0-9a-z]{26}$/),
])

export function encodeCursor(sort: string, { value, id }: Position): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url')
}

/** The position a cursor stands for; AppError `bad_request` for anything that is not one of ours, or of another order. */
export function decodeCursor(cursor: string | undefined, sort: string): Position | undefined {
  if (cursor === undefined) return undefined
  try {
    const [of, value, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    if (of === sort) return { value, id }
  } catch {
    // falls through to the one answer for all of them
  }
  throw new AppError('bad_request', 'This cursor is not one that we gave out for this order.', {
    remedy: 'Take `next` from the page before, or leave `after` away to begin anew.',
  })
}

/** A page and where the next one begins; `next` is null at the end. */
export function toPage<Row extends { id: string; position: string | number }, Item>(
  { rows, total }: { rows: Row[]; total: number },
  { limit, sort }: { limit: number; sort: string },
  show: (row: Row) => Item,
): { items: Item[]; next: string | null; total: number } {
  const last = rows.at(-1)
  return {
    items: rows.map(show),
    next: last && rows.length === limit ? encodeCursor(sort, { value: last.position, id: last.id }) : null,
    total,
  }
}
