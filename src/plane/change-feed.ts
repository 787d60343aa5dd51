import { stat } from 'node:fs/promises'
import { ANNOUNCEMENTS, type Announcement, CHANGING, parseAnnouncement } from '../kernel/announce.ts'
import type { Logger } from '../kernel/log.ts'
import { listenFor } from '../kernel/signals.ts'

const LOOK_EVERY_MS = 1_000

/** What changes, for those who look on: each hears everything from the moment it subscribes until it calls what it got. */
export type ChangeFeed = {
  subscribe(hear: (news: Announcement) => void): () => void
  stop(): Promise<void>
}

/**
 * Hears what triggers and processes announce over the database. The log and the list of processes are looked at each second,
 * and only while somebody looks on.
 */
export function createChangeFeed(given: {
  url: string
  logger: Logger
  processesFile: string
  logSize(): Promise<number>
}): ChangeFeed {
  const hearers = new Set<(news: Announcement) => void>()
  const tell = (news: Announcement) => {
    for (const hear of hearers) hear(news)
  }
  const listener = listenFor({
    url: given.url,
    channel: ANNOUNCEMENTS,
    logger: given.logger,
    onSignal: (payload) => {
      const news = parseAnnouncement(payload)
      if (news) tell(news)
    },
    // something may have been said while nobody listened
    onConnect: () => {
      for (const what of CHANGING) tell({ what })
    },
  })

  let seen: { log: number | undefined; status: number | undefined } | undefined
  const look = async () => {
    const [log, status] = await Promise.all([
      given.logSize().catch(() => undefined),
      stat(given.processesFile).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      ),
    ])
    if (seen && seen.log !== log) tell({ what: 'log' })
    // a log that stops answering is news of what runs
    const wentOrCame = seen && (seen.log === undefined) !== (log === undefined)
    if (seen && (seen.status !== status || wentOrCame)) tell({ what: 'status' })
    seen = { log, status }
  }
  let timer: NodeJS.Timeout | undefined
  const lookAgain = () => {
    timer = setTimeout(() => {
      void look().finally(() => {
        if (timer && hearers.size > 0) lookAgain()
        else timer = undefined
      })
    }, LOOK_EVERY_MS)
  }

  return {
    subscribe(hear) {
      hearers.add(hear)
      if (!timer) {
        seen = undefined
        void look()
        lookAgain()
      }
      return () => void hearers.delete(hear)
    },
    async stop() {
      clearTimeout(timer)
      timer = undefined
      hearers.clear()
      await listener.stop()
    },
  }
}

/** For a server that only describes itself: nothing ever changes. */
export const stillFeed: ChangeFeed = { subscribe: () => () => {}, stop: async () => {} }
