import type { Logger } from '../kernel/log.ts'
import { unixRequest } from '../kernel/unix-request.ts'
import type { ActivityBook, ActivityItem } from './activity.ts'
import type { AskServer } from './names.ts'

const reportEveryMs = 5_000
const itemsPerReport = 1_000

/** The edge's two questions to the server, over its Unix socket with the edge's own token. */
export function createServerLink(asked: { socketPath: string; token: string }): {
  ask: AskServer
  report: (items: ActivityItem[]) => Promise<void>
} {
  const post = (path: string, body: unknown, timeoutMs: number) =>
    unixRequest({
      socketPath: asked.socketPath,
      method: 'POST',
      path,
      headers: { authorization: `Bearer ${asked.token}` },
      body,
      timeoutMs,
    })
  return {
    async ask(question) {
      const answer = await post('/internal/edge/resolve', question, question.waitMs + 10_000)
      return { status: answer.status, body: answer.body.toString('utf8') }
    },
    async report(items) {
      const answer = await post('/internal/edge/activity', { items }, 10_000)
      if (answer.status >= 300)
        throw new Error(`The server answered ${answer.status} to the activity report.`)
    },
  }
}

/** Reports every 5 s what was used; what cannot be delivered is tried again. Gives a function that stops it after a last report. */
export function reportActivity(
  book: ActivityBook,
  report: (items: ActivityItem[]) => Promise<void>,
  logger: Logger,
): () => Promise<void> {
  let silent = false
  const send = async () => {
    const items = book.takeNews()
    for (let at = 0; at < items.length; at += itemsPerReport) {
      const part = items.slice(at, at + itemsPerReport)
      try {
        await report(part)
        silent = false
      } catch (error) {
        book.putBack(part)
        if (!silent) logger.warn('activity could not be reported', { error })
        silent = true
      }
    }
  }
  const timer = setInterval(() => void send(), reportEveryMs)
  return async () => {
    clearInterval(timer)
    await send()
  }
}
