import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { App } from '../app.ts'
import type { User } from '../auth/session.ts'

/** `public`: anybody; `member`: whoever is signed in; `admin`: admins. This word is the whole access matrix. */
export type Access = 'public' | 'member' | 'admin'

export type Context = {
  app: App
  request: IncomingMessage
  requestId: string
  params: Record<string, string>
  query: URLSearchParams
  secure: boolean
  token: string | null
}

export type SignedIn = Context & { user: User; access: 'member' | 'admin' }

export type Reply = {
  status: number
  body?: unknown
  stream?: Readable
  headers?: Record<string, string>
}

export type Route = {
  method: string
  path: string
  access: Access
  handle: (context: SignedIn) => Promise<Reply>
}

export const route = (
  access: 'member' | 'admin',
  method: string,
  path: string,
  handle: (context: SignedIn) => Promise<Reply>,
): Route => ({ access, method, path, handle })

/** A public handler is not given a user, so that it cannot rely on one. */
export const publicRoute = (
  method: string,
  path: string,
  handle: (context: Context) => Promise<Reply>,
): Route => ({
  access: 'public',
  method,
  path,
  handle,
})

export const ok = (body: unknown): Reply => ({ status: 200, body })
export const created = (body: unknown): Reply => ({ status: 201, body })
export const noContent = (): Reply => ({ status: 204 })

export type Match = { route: Route; params: Record<string, string> } | { allow: string[] } | null

/** `null`: no such path; `allow`: the path exists, the method does not. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match {
  const segments = path.split('/')
  const allow: string[] = []
  for (const route of routes) {
    const params = matchPath(route.path.split('/'), segments)
    if (!params) continue
    if (route.method === method) return { route, params }
    allow.push(route.method)
  }
  return allow.length > 0 ? { allow } : null
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null
  const params: Record<string, string> = {}
  for (const [i, part] of pattern.entries()) {
    const segment = segments[i]!
    if (part.startsWith(':')) params[part.slice(1)] = segment
    else if (part !== segment) return null
  }
  return params
}
