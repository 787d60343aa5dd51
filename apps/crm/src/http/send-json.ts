import type { IncomingMessage, ServerResponse } from 'node:http'

export function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: unknown,
  type = 'application/json',
): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.statusCode = status
  response.setHeader('content-type', `${type}; charset=utf-8`)
  response.setHeader('content-length', bytes.length)
  response.setHeader('cache-control', 'no-store')
  response.end(request.method === 'HEAD' ? undefined : bytes)
}
