import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { App } from './app.ts'
import { checkOrigin } from './auth/origin.ts'
import { findSession } from './auth/session.ts'
import { cookieName, isSecure, readCookie } from './http/headers.ts'
import { Problem } from './http/problem.ts'
import { type Context, matchRoute, type Reply, type SignedIn } from './http/route.ts'
import { sendJson } from './http/send-json.ts'
import { routes } from './routes.ts'

export async function answerApi(
  app: App,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  requestId: string,
): Promise<void> {
  const began = performance.now()
  let pattern = 'unknown'
  response.once('close', () => {
    app.log.event('request', {
      request: requestId,
      method: request.method,
      route: pattern,
      status: response.statusCode,
      ms: Math.round(performance.now() - began),
    })
  })

  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
  const match = matchRoute(routes, method, path)
  if (!match) throw new Problem(404, 'The API has no such path.')
  if ('allow' in match) {
    const allow = match.allow.join(', ')
    throw new Problem(405, `This path takes ${allow}.`, [], { allow })
  }
  const { route, params } = match
  pattern = route.path

  const secure = isSecure(app.config, request)
  const bearer = /^Bearer ([\w-]{10,200})$/i.exec(request.headers.authorization ?? '')?.[1]
  const token = bearer ?? readCookie(request, cookieName(secure)) ?? null
  if (!bearer) checkOrigin(app.config, request)

  const query = new URL(request.url ?? '/', 'http://x').searchParams
  const context: Context = { app, request, requestId, params, query, secure, token }
  const reply = await route.handle(
    route.access === 'public' ? (context as SignedIn) : await signedIn(context, route.access),
  )
  await send(request, response, reply)
}

async function signedIn(context: Context, access: 'member' | 'admin'): Promise<SignedIn> {
  const user = context.token ? await findSession(context.app.database, context.token) : null
  if (!user) throw new Problem(401, 'Sign in first: POST /api/sign-in with email and password.')
  if (access === 'admin' && user.role !== 'admin') {
    throw new Problem(403, 'Only an administrator may do this. Ask one of yours.')
  }
  return { ...context, user, access }
}

async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value)
  if (reply.stream) {
    response.statusCode = reply.status
    if (!response.hasHeader('cache-control')) response.setHeader('cache-control', 'no-store')
    if (request.method === 'HEAD') {
      reply.stream.destroy()
      response.end()
    } else {
      await pipeline(reply.stream, response)
    }
  } else if (reply.status === 204) {
    response.writeHead(204, { 'cache-control': 'no-store' }).end()
  } else {
    sendJson(request, response, reply.status, reply.body)
  }
}
