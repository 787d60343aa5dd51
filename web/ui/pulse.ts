import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { pollUnlessLive } from '../data/live.ts'

const NOT_OFTENER_MS = 2_000
let beats = 0

/** Calls `onChange` when the server says that something of this kind changed, at most every two seconds. */
export function usePulse(what: 'instances' | 'accounts' | 'log' | 'promises', onChange: () => void): void {
  // A query of its own: whatever makes queries of this kind be asked for again makes it beat.
  const { data } = useQuery({
    queryKey: [what, 'pulse'],
    queryFn: () => ++beats,
    refetchInterval: pollUnlessLive,
    staleTime: 0,
  })
  const first = useRef(data)
  const last = useRef(0)
  const change = useRef(onChange)
  change.current = onChange
  useEffect(() => {
    if (data === undefined || data === first.current) return
    const wait = Math.max(0, last.current + NOT_OFTENER_MS - performance.now())
    const timer = setTimeout(() => {
      last.current = performance.now()
      change.current()
    }, wait)
    return () => clearTimeout(timer)
  }, [data])
}
