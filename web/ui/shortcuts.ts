import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

/** `g` and then one of these letters goes to a page. */
export const PAGE_KEYS = {
  b: '/',
  c: '/accounts',
  i: '/instances',
  r: '/regions',
  l: '/log',
  a: '/approvals',
  o: '/overview',
  p: '/people',
  s: '/settings',
} as const

const CHORD_MS = 1_200
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Keys that work on every page, except while somebody types. */
export function useShortcuts(on: { search(): void; help(): void }): void {
  const navigate = useNavigate()
  const chordUntil = useRef(0)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (
        (event.metaKey || event.ctrlKey) &&
        !event.shiftKey &&
        !event.altKey &&
        event.key.toLowerCase() === 'k'
      ) {
        event.preventDefault()
        on.search()
        return
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
      if (event.key === '?') return on.help()
      if (event.key === 'g') {
        chordUntil.current = event.timeStamp + CHORD_MS
        return
      }
      const page = PAGE_KEYS[event.key as keyof typeof PAGE_KEYS]
      if (page && event.timeStamp < chordUntil.current) {
        event.preventDefault()
        void navigate({ to: page })
      }
      chordUntil.current = 0
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [navigate, on])
}
