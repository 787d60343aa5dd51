import type { Db } from './db.ts'
import { signal } from './signals.ts'

/** Triggers and processes say on this channel what has changed: `what` or `what:id`. */
export const ANNOUNCEMENTS = 'borgen_changes'

/** Kinds of things that people look at and that change. `sessions` never leaves the server. */
export const CHANGING = [
  'promises',
  'instances',
  'accounts',
  'log',
  'approvals',
  'demo',
  'status',
  'people',
  'sessions',
] as const
export type Changing = (typeof CHANGING)[number]
export type Announcement = { what: Changing; id?: string }

/** Tells whoever looks, once the transaction commits; nothing is lost when nobody hears it. */
export const announce = (db: Db, { what, id }: Announcement): Promise<void> =>
  signal(db, ANNOUNCEMENTS, id === undefined ? what : `${what}:${id}`)

/** What was said; undefined for what this version does not know. */
export function parseAnnouncement(payload: string): Announcement | undefined {
  const at = payload.indexOf(':')
  const word = at === -1 ? payload : payload.slice(0, at)
  const what = CHANGING.find((one) => one === word)
  if (!what) return undefined
  return at === -1 ? { what } : { what, id: payload.slice(at + 1) }
}
