import { HSTS } from './answer-headers.ts'
import type { Downstream } from './downstream.ts'
import type { Target } from './names.ts'
import { type Notice, renderNotice } from './pages.ts'

/** What a client is told of an instance that cannot answer. */
export function noticeOf(target: Exclude<Target, { state: 'awake' }>, navigates: boolean): Notice {
  switch (target.state) {
    case 'waking':
      return { status: 503, about: 'waking', retryAfterSeconds: navigates ? 1 : 5 }
    case 'suspended':
      return { status: 403, about: 'suspended', reason: target.reason }
    case 'failed':
      return { status: 503, about: 'failed', reason: target.reason, retryAfterSeconds: 30 }
    case 'unknown':
      return { status: 404, about: 'unknown' }
    case 'unreachable':
      return { status: 503, about: 'unavailable', retryAfterSeconds: 5 }
  }
}

/** Answers a request with a notice of the edge's own; `closes` ends the connection after it. */
export function sendNotice(
  down: Downstream,
  notice: Notice,
  asked: { method: string; accept: string; acceptLanguage: string },
  host: string,
  closes: boolean,
): void {
  const { fields, body } = renderNotice(notice, { ...asked, host })
  const hasBody = asked.method !== 'HEAD'
  fields.push('strict-transport-security', HSTS)
  down.start(notice.status, fields, { hasBody, trailers: false, closes })
  down.end(hasBody ? body : null, [])
}
