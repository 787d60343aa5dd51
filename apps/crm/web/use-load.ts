import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { get, RequestError } from './request.ts'

export type Loaded<T> = {
  data: T | null
  error: RequestError | null
  reload: () => Promise<void>
  set: (data: T) => void
}

/** What was shown stays on the screen while the next answer is on its way, so that nothing jumps. */
export function useLoad<T>(path: string | null): Loaded<T> {
  const [data, setData] = useState<T | null>(null)
  const [error, setError] = useState<RequestError | null>(null)
  const latest = useRef(0)
  const shownPath = useRef<string | null>(null)

  const reload = useCallback(async () => {
    if (path === null) return
    const turn = ++latest.current
    try {
      const answer = await get<T>(path)
      if (turn !== latest.current) return
      setData(answer)
      setError(null)
    } catch (reason) {
      if (turn === latest.current && reason instanceof RequestError) setError(reason)
    }
  }, [path])

  useEffect(() => {
    const resource = path?.split('?')[0] ?? null
    if (shownPath.current !== resource) setData(null)
    shownPath.current = resource
    setError(null)
    void reload()
  }, [reload])

  return { data, error, reload, set: setData }
}
