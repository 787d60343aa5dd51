import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/log.ts'
import type { ActivityItem } from './activity.ts'

type Seen = { lastRequestAt: number; lastUsedAt: number | null; openBy: Map<number, number> }

/** Puts together what the workers saw, and tells it to the server; what cannot be delivered is told again. */
export class ActivityReport {
  private readonly seen = new Map<string, Seen>()
  private readonly news = new Set<string>()
  private silent = false
  private readonly send: (items: ActivityItem[]) => Promise<void>
  private readonly logger: Logger
  private readonly clock: Clock

  constructor(send: (items: ActivityItem[]) => Promise<void>, clock: Clock, logger: Logger) {
    this.send = send
    this.clock = clock
    this.logger = logger
  }

  /** Takes in what one worker says is new with it; `gone` closes everything that it had open. */
  hear(workerId: number, items: ActivityItem[] | 'gone'): void {
    if (items === 'gone') {
      for (const [instance, entry] of this.seen) if (entry.openBy.delete(workerId)) this.news.add(instance)
      return
    }
    const nowMs = this.clock.now()
    for (const item of items) {
      const entry = this.seen.get(item.instance) ?? { lastRequestAt: 0, lastUsedAt: null, openBy: new Map() }
      entry.lastRequestAt = Math.min(nowMs, Math.max(entry.lastRequestAt, item.lastRequestAt))
      if (item.lastUsedAt !== null)
        entry.lastUsedAt = Math.min(nowMs, Math.max(entry.lastUsedAt ?? 0, item.lastUsedAt))
      if (item.openRequests > 0) entry.openBy.set(workerId, item.openRequests)
      else entry.openBy.delete(workerId)
      this.seen.set(item.instance, entry)
      this.news.add(item.instance)
    }
  }

  /** Reports everything new since the last report that was delivered, and everything still open. */
  async deliver(): Promise<void> {
    const items: ActivityItem[] = []
    for (const [instance, { lastRequestAt, lastUsedAt, openBy }] of this.seen) {
      const openRequests = [...openBy.values()].reduce((sum, open) => sum + open, 0)
      if (this.news.has(instance) || openRequests > 0)
        items.push({ instance, lastRequestAt, lastUsedAt, openRequests })
      else this.seen.delete(instance)
    }
    if (items.length === 0) return
    this.news.clear()
    try {
      await this.send(items)
      this.silent = false
    } catch (error) {
      for (const { instance } of items) this.news.add(instance)
      if (!this.silent) this.logger.warn('activity could not be reported', { error })
      this.silent = true
    }
  }
}
