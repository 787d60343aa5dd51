import type { IncomingMessage } from 'node:http'
import type { Config } from '../config.ts'
import { requestHost } from '../http/headers.ts'
import { Problem } from '../http/problem.ts'

/**
 * Against forged requests: a browser says where a change comes from, in Origin or Sec-Fetch-Site, and that must be us.
 * What says neither is not a browser, so it carries no cookie that it did not mean to send.
 */
export function checkOrigin(config: Config, request: IncomingMessage): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  const same =
    origin === undefined
      ? site === undefined || site === 'same-origin' || site === 'none'
      : URL.parse(origin)?.host === requestHost(config, request)
  if (!same)
    throw new Problem(
      403,
      'This request comes from another site. Open the CRM itself, or use a bearer token.',
    )
}
