import { RE2JS } from 're2js'
import { z } from 'zod'

/** What counts as use of an instance, from its app's manifest; null counts every request. */
export const activityRuleSchema = z.object({
  method: z.array(z.string().min(1).max(20)).max(20).optional(),
  path: z.string().max(1_000).optional(),
  status: z.tuple([z.number().int(), z.number().int()]).optional(),
  cookie: z.string().max(200).optional(),
})
export type ActivityRule = z.infer<typeof activityRuleSchema>

/** A rule ready to be asked: first by the request alone, then by the status of its answer. */
export type ActivityTest = {
  mayCount(request: { method: string; path: string; cookie: string }): boolean
  counts(status: number): boolean
}

/** Compiles a rule, in linear time per request whatever the pattern; throws when the pattern is no RE2 pattern. */
export function compileActivity(rule: ActivityRule | null): ActivityTest {
  if (rule === null) return { mayCount: () => true, counts: () => true }
  const methods = rule.method && new Set(rule.method.map((method) => method.toUpperCase()))
  const pattern = rule.path === undefined ? undefined : RE2JS.compile(rule.path)
  return {
    mayCount({ method, path, cookie }) {
      if (methods && !methods.has(method)) return false
      if (rule.cookie !== undefined && !hasCookie(cookie, rule.cookie)) return false
      const query = path.indexOf('?')
      return !pattern || pattern.matcher(query === -1 ? path : path.slice(0, query)).find()
    },
    counts: (status) => !rule.status || (status >= rule.status[0] && status <= rule.status[1]),
  }
}

export type ActivityItem = { instance: string; lastUsedAt: number; openRequests: number }

/** One request while it is open; each method may be called once, `close` last. */
export type Use = { answered(status: number): void; close(): void }

type Entry = { lastUsedAt: number; open: number; reportedAt: number; reportedOpen: number }

const notCounted: Use = { answered() {}, close() {} }

/** Remembers the last use of each instance and how many requests that count are open, and what of it is news. */
export class ActivityBook {
  private readonly entries = new Map<string, Entry>()
  private readonly now: () => number

  /** `now` gives epoch milliseconds. */
  constructor(now: () => number) {
    this.now = now
  }

  /** Opens a request to an instance; it is open use until its answer's status says that it does not count. */
  begin(
    instance: string,
    test: ActivityTest,
    request: { method: string; path: string; cookie: string; probe: boolean },
  ): Use {
    if (request.probe || !test.mayCount(request)) return notCounted
    const entry = this.entryOf(instance)
    entry.open++
    let open = true
    let counted = false
    const close = () => {
      if (!open) return
      open = false
      entry.open--
      if (counted) entry.lastUsedAt = this.now()
    }
    return {
      answered: (status) => {
        counted = open && test.counts(status)
        if (counted) entry.lastUsedAt = this.now()
        else close()
      },
      close,
    }
  }

  /** What changed since the last call, and everything that is still open. */
  takeNews(): ActivityItem[] {
    const news: ActivityItem[] = []
    for (const [instance, entry] of this.entries) {
      const changed = entry.lastUsedAt !== entry.reportedAt || entry.open !== entry.reportedOpen
      if (!changed && entry.open === 0) {
        this.entries.delete(instance)
        continue
      }
      const lastUsedAt = entry.lastUsedAt || (entry.open > 0 ? this.now() : entry.reportedAt)
      entry.reportedAt = entry.lastUsedAt
      entry.reportedOpen = entry.open
      if (lastUsedAt > 0) news.push({ instance, lastUsedAt, openRequests: entry.open })
    }
    return news
  }

  /** Makes news again what could not be delivered. */
  putBack(items: readonly ActivityItem[]): void {
    for (const item of items) this.entryOf(item.instance).reportedAt = -1
  }

  private entryOf(instance: string): Entry {
    let entry = this.entries.get(instance)
    if (!entry) {
      entry = { lastUsedAt: 0, open: 0, reportedAt: 0, reportedOpen: 0 }
      this.entries.set(instance, entry)
    }
    return entry
  }
}

/** Whether a Cookie header carries a cookie of this name. */
function hasCookie(header: string, name: string): boolean {
  return header.split(';').some((pair) => pair.trimStart().startsWith(`${name}=`))
}
