import { useSyncExternalStore } from 'react'
import { POLL_MS, queryClient } from './api.ts'

/** How the console hears of changes: `live` by the server's events, `asking` every few seconds where there are none. */
export type Hearing = 'live' | 'asking'

let hearing: Hearing = 'asking'
const listeners = new Set<() => void>()
const set = (next: Hearing) => {
  if (next === hearing) return
  hearing = next
  for (const listener of listeners) listener()
}

/** Interval for queries: none while the server's events are heard. */
export const pollUnlessLive = (): number | false => (hearing === 'live' ? false : POLL_MS)

export const useHearing = (): Hearing =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => hearing,
  )

/** Listens to /v1/events until the returned function is called; each event makes what it names be asked for again. */
export function listenForChanges(): () => void {
  const source = new EventSource('/v1/events')
  source.addEventListener('open', () => set('live'))
  source.addEventListener('error', () => set('asking'))
  source.addEventListener('changed', (event) => {
    const what: unknown = JSON.parse(String((event as MessageEvent).data)).what
    if (typeof what === 'string') void queryClient.invalidateQueries({ queryKey: [what] })
  })
  return () => {
    source.close()
    set('asking')
  }
}
