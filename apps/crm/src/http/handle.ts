import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App } from '../app.ts'
import { isSecure, setSecurityHeaders } from './headers.ts'
import { Problem, problemBody } from './problem.ts'
import { sendJson } from './send-json.ts'

const HEALTH_WAIT_MS = 3_000
const REQUEST_WAIT_MS = 15_000
const DRAIN_MS = 10_000

/** The API and the page are loaded by their first request: a health check after a wake needs neither. */
export async function handleRequest(
  app: App,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID()
  setSecurityHeaders(response, isSecure(app.config, request))
  const path = (request.url ?? '/').split('?', 1)[0]!
  try {
    if (path === '/healthz') {
      await within(app.readiness.schema, HEALTH_WAIT_MS)
      await within(app.database.query('select 1'), HEALTH_WAIT_MS)
      sendJson(request, response, 200, { status: 'ok' })
    } else if (path.startsWith('/api/') || path === '/api') {
      const [{ answerApi }] = await Promise.all([
        import('../api.ts'),
        within(app.readiness.data, REQUEST_WAIT_MS),
      ])
      await answerApi(app, request, response, path, requestId)
    } else {
      const { answerStatic } = await import('./static-files.ts')
      await answerStatic(request, response, path)
    }
  } catch (error) {
    answerError(app, request, response, requestId, error)
  }
}

/** A database that is away is a state (503), not an answer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), ms)
  })
  try {
    return await Promise.race([promise, late])
  } catch {
    throw new Problem(503, 'The database does not answer yet. Try again in a moment.', [], {
      'retry-after': '2',
    })
  } finally {
    clearTimeout(timer)
  }
}

function answerError(
  app: App,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  error: unknown,
): void {
  if (isAbandoned(request, error)) {
    app.log.event('request.abandoned', { request: requestId })
    return
  }
  const ours = !(error instanceof Problem)
  if (ours) app.log.error('request.failed', error, { request: requestId })
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const problem = ours ? new Problem(500, `Something failed on our side. Quote ${requestId}.`) : error
  for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value)
  // A body that nobody wants is read on for a while: cut off at once, the sender would never see this answer.
  if (!request.complete) {
    const cut = setTimeout(() => request.destroy(), DRAIN_MS)
    request.once('close', () => clearTimeout(cut))
  }
  sendJson(request, response, problem.status, problemBody(problem, requestId), 'application/problem+json')
}

/** Somebody closed the page in the middle of a download or an upload; that is no failure of ours. */
function isAbandoned(request: IncomingMessage, error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return request.socket.destroyed && (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET')
}
