import { unixRequest } from '../kernel/unix-request.ts'
import type { ActivityItem } from './activity.ts'
import type { AskServer } from './names.ts'

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
      for (let at = 0; at < items.length; at += itemsPerReport) {
        const part = { items: items.slice(at, at + itemsPerReport) }
        const answer = await post('/internal/edge/activity', part, 10_000)
        if (answer.status >= 300)
          throw new Error(`The server answered ${answer.status} to the activity report.`)
      }
    },
  }
}
