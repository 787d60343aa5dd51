import { z } from 'zod'
import { AppError } from '../kernel/errors.ts'

export const PAGE_LIMIT = 100

/** `?after=<cursor>&limit=<1…100>` of every list; cursors are opaque to clients. */
export const pageQuery = z.object({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(PAGE_LIMIT),
})

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}

export function encodeCursor(createdAt: number, id: string): string {
  return Buffer.from(`${createdAt}:${id}`).toString('base64url')
}

/** The position a cursor stands for; AppError `bad_request` for anything that is not one of ours. */
export function decodeCursor(cursor: string | undefined): [number, string] | undefined {
  if (cursor === undefined) return undefined
  const match = /^(\d{1,16}):([a-z]{3}_[0-9a-z]{26})$/.exec(
    Buffer.from(cursor, 'base64url').toString('latin1'),
  )
  if (!match)
    throw new AppError('bad_request', 'This cursor is not one that we gave out.', {
      remedy: 'Take `next` from the page before, or leave `after` away to begin anew.',
    })
  return [Number(match[1]), match[2]!]
}

/** A page and where the next one begins; `next` is null at the end. */
export function toPage<Row extends { created_at: number; id: string }, Item>(
  rows: Row[],
  limit: number,
  show: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const last = rows.at(-1)
  return {
    items: rows.map(show),
    next: last && rows.length === limit ? encodeCursor(last.created_at, last.id) : null,
  }
}
