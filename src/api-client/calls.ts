import type { FetchResponse, MaybeOptionalInit } from 'openapi-fetch'
import type { paths } from './schema.ts'

type Method = 'get' | 'post' | 'delete'
export type Doing<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: object } ? P : never
}[keyof paths]
type Operation<P extends keyof paths, M extends Method> = paths[P][M] & Record<string | number, unknown>
type Init<P extends keyof paths, M extends Method> = MaybeOptionalInit<paths[P], M>
export type Args<P extends keyof paths, M extends Method> =
  undefined extends Init<P, M> ? [init?: Init<P, M>] : [init: Init<P, M>]
/** What a successful request resolves to, as openapi.json says. */
export type Answer<P extends keyof paths, M extends Method> = NonNullable<
  FetchResponse<Operation<P, M>, object, 'application/json'>['data']
>

/** The API, typed by openapi.json. Every failure rejects with an ApiProblem. */
export type ApiCalls = {
  get<P extends Doing<'get'>>(path: P, ...init: Args<P, 'get'>): Promise<Answer<P, 'get'>>
  /** A change: carries an idempotency key, and is sent again with the same one when the connection is lost. */
  post<P extends Doing<'post'>>(path: P, ...init: Args<P, 'post'>): Promise<Answer<P, 'post'>>
  /** As `post`. */
  delete<P extends Doing<'delete'>>(path: P, ...init: Args<P, 'delete'>): Promise<Answer<P, 'delete'>>
}

export type Asked = { params?: { path?: object; query?: object }; body?: unknown }

/** The path with its parameters filled in, and the query without what is undefined. */
export function addressOf(path: string, { params }: Asked): string {
  const values = new Map(Object.entries(params?.path ?? {}))
  const filled = path.replace(/\{([^{}]+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values.get(name) ?? '')),
  )
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params?.query ?? {}))
    if (value !== undefined) query.append(name, String(value))
  return query.size === 0 ? filled : `${filled}?${query}`
}
