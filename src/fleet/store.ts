import { type RawBuilder, sql } from 'kysely'
import type { Position } from './cursor.ts'

/** Text that is searched for, as a pattern of SQL's `like` that means it literally. */
export const containing = (text: string) => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

/** The rows behind a position, in an order by `by` and then by `id`. */
export function after(
  by: RawBuilder<unknown>,
  id: RawBuilder<unknown>,
  direction: 'asc' | 'desc',
  position: Position,
): RawBuilder<boolean> {
  const type = typeof position.value === 'number' ? sql`bigint` : sql`text`
  const than = direction === 'asc' ? sql`>` : sql`<`
  return sql<boolean>`(${by}, ${id}) ${than} (${position.value}::${type}, ${position.id})`
}
