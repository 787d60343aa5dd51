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

/** What was seen of one instance; times in epoch ms. Any request keeps it awake, only use by the rule counts as its life. */
export type ActivityItem = {
  instance: string
  lastRequestAt: number
  lastUsedAt: number | null
  openRequests: number
}

/** One request while it is open; each method may be called once, `close` last. */
export type Use = { answered(status: number): void; close(): void }

type Entry = { lastRequestAt: number; lastUsedAt: number | null; open: number; changed: boolean }

const notCounted: Use = { answered() {}, close() {} }

/** Remembers each instance's last request and last use and how many requests are open, and what of it is news. */
export class ActivityBook {
  private readonly entries = new Map<string, Entry>()
  private readonly now: () => number

  /** `now` gives epoch milliseconds. */
  constructor(now: () => number) {
    this.now = now
  }

  /** Opens a request to an instance; it is use once its answer's status says so, and again when it closes. Probes leave no trace. */
  begin(
    instance: string,
    test: ActivityTest,
    request: { method: string; path: string; cookie: string; probe: boolean },
  ): Use {
    if (request.probe) return notCounted
    const entry = this.entryOf(instance)
    const mayCount = test.mayCount(request)
    let open = true
    let used = false
    const note = () => {
      entry.changed = true
      entry.lastRequestAt = this.now()
      if (used) entry.lastUsedAt = entry.lastRequestAt
    }
    entry.open++
    note()
    return {
      answered: (status) => {
        used = mayCount && test.counts(status)
        note()
      },
      close: () => {
        if (!open) return
        open = false
        entry.open--
        note()
      },
    }
  }

  /** What changed since the last call. */
  takeNews(): ActivityItem[] {
    const news: ActivityItem[] = []
    for (const [instance, entry] of this.entries) {
      if (entry.changed) {
        const { lastRequestAt, lastUsedAt, open } = entry
        news.push({ instance, lastRequestAt, lastUsedAt, openRequests: open })
        entry.changed = false
      } else if (entry.open === 0) this.entries.delete(instance)
    }
    return news
  }

  private entryOf(instance: string): Entry {
    let entry = this.entries.get(instance)
    if (!entry) {
      entry = { lastRequestAt: 0, lastUsedAt: null, open: 0, changed: false }
      this.entries.set(instance, entry)
    }
    return entry
  }
}

/** Whether a Cookie header carries a cookie of this name. */
function hasCookie(header: string, name: string): boolean {
  return header.split(';').some((pair) => pair.trimStart().startsWith(`${name}=`))
}
