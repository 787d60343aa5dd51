import type { ComponentChildren } from 'preact'
import type { RequestError } from '../request.ts'
import { BASE } from '../router.ts'

/** The shape of what comes. */
export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div class="loading" aria-busy="true">
      <span class="hidden">Loading</span>
      {Array.from({ length: rows }, (_, i) => (
        <i key={String(i)} />
      ))}
    </div>
  )
}

export function Failed({ error, retry }: { error: RequestError; retry: () => void }) {
  return (
    <div class="empty" role="alert">
      {error.status === 404 ? <h1 class="lead">{error.message}</h1> : <p>{error.message}</p>}
      {error.status === 404 ? (
        <a href={`${BASE}/`}>Go to today</a>
      ) : (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="lead">{title}</p>
      {children}
    </div>
  )
}
