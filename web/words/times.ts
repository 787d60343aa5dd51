import { useSyncExternalStore } from 'react'
import type { Language } from './language.ts'

const LOCALES = { en: 'en-GB', sv: 'sv-SE' } as const
export const localeOf = (language: Language): string => LOCALES[language]

// The demo world's clock may stand ahead of this machine's.
let offsetMs = 0
/** Sets how far the world's clock stands ahead of the browser's. */
export function setWorldOffset(ms: number): void {
  if (ms === offsetMs) return
  offsetMs = ms
  tick()
}
/** The world's time now, epoch milliseconds. */
export const worldNow = (): number => Date.now() + offsetMs

const TICK_MS = 10_000
let now = worldNow()
const listeners = new Set<() => void>()
function tick(): void {
  now = worldNow()
  for (const listener of listeners) listener()
}
setInterval(tick, TICK_MS)

/** The world's time, to within ten seconds; a component that reads it is drawn again as time passes. */
export function useNow(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => Math.max(now, 0),
  )
}

const made = new Map<string, unknown>()
/** Formats are dear to make, and every row of a table asks for some. */
function once<Format>(name: string, language: Language, make: (locale: string) => Format): Format {
  const key = `${name} ${language}`
  const known = (made.get(key) as Format | undefined) ?? make(localeOf(language))
  made.set(key, known)
  return known
}

const MINUTE = 60_000
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', MINUTE],
] as const

/** `4 min ago`, `in 3 days`; `now` for less than a minute. */
export function sayAgo(at: number, nowMs: number, language: Language): string {
  const ms = at - nowMs
  const format = once(
    'ago',
    language,
    (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' }),
  )
  for (const [unit, size] of UNITS)
    if (Math.abs(ms) >= size) return format.format(Math.trunc(ms / size), unit)
  return language === 'sv' ? 'nyss' : 'just now'
}

/** The moment as people write it: `23 Nov 2026, 03:12`, or only `03:12` when it is of today. */
export function sayMoment(at: number, nowMs: number, language: Language): string {
  const isToday = new Date(at).toDateString() === new Date(nowMs).toDateString()
  const time = { hour: '2-digit', minute: '2-digit' } as const
  const day = isToday ? {} : ({ day: 'numeric', month: 'short', year: 'numeric' } as const)
  return once(
    isToday ? 'time' : 'moment',
    language,
    (locale) => new Intl.DateTimeFormat(locale, { ...day, ...time }),
  ).format(at)
}

export function sayDay(at: number, language: Language): string {
  return once('day', language, (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })).format(
    at,
  )
}

export function sayNumber(value: number, language: Language): string {
  return once('number', language, (locale) => new Intl.NumberFormat(locale)).format(value)
}
