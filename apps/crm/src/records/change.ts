import { type Queryable, sqlState } from '../database.ts'
import { Problem } from '../http/problem.ts'
import type { SignedIn } from '../http/route.ts'

export type Action =
  | 'created'
  | 'updated'
  | 'deleted'
  | 'moved'
  | 'sent'
  | 'paid'
  | 'imported'
  | 'exported'
  | 'read'

export type Entry = { action: Action; entity: string; id: string | null; fields?: readonly string[] }

export type Recorder = (entry: Entry) => Promise<void>

/**
 * One change: its rows and its history in one transaction. The audit line goes out after the commit, so that no line
 * tells of something that did not happen.
 */
export async function change<T>(
  context: SignedIn,
  work: (tx: Queryable, record: Recorder) => Promise<T>,
): Promise<T> {
  const entries: Entry[] = []
  try {
    const result = await context.app.database.transaction((tx) =>
      work(tx, async (entry) => {
        entries.push(entry)
        await tx.query(
          'insert into history (actor_id, action, entity, entity_id, fields) values ($1, $2, $3, $4, $5)',
          [context.user.id, entry.action, entry.entity, entry.id, entry.fields ?? []],
        )
      }),
    )
    for (const entry of entries) audit(context, entry)
    return result
  } catch (error) {
    throw explain(error)
  }
}

export function audit(context: SignedIn, entry: Entry): void {
  const { log } = context.app
  const tell = context.access === 'admin' ? log.administrator : log.audit
  tell(`${entry.entity}.${entry.action}`, {
    actor: context.user.id,
    id: entry.id,
    fields: entry.fields,
    request: context.requestId,
  })
}

const FOREIGN_KEY = '23503'

/** What the database refuses because of the input is the caller's to mend; the rest stays our fault. */
function explain(error: unknown): unknown {
  if (sqlState(error) !== FOREIGN_KEY) return error
  const { constraint = '' } = error as { constraint?: string }
  const column = /^[a-z]+?_([a-z_]+)_fkey$/.exec(constraint)?.[1] ?? 'reference'
  const field = column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return new Problem(422, `Check ${field}.`, [{ field, message: 'There is no such record.' }])
}
