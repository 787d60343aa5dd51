import { useSyncExternalStore } from 'react'

export const LANGUAGES = ['en', 'sv'] as const
export type Language = (typeof LANGUAGES)[number]
/** The same thing said in each language, as the API sends it. */
export type InEachLanguage<T = string> = Readonly<Record<Language, T>>

/** The shape that the other language must have: the same names, and functions of the same values. */
type Same<W> = {
  readonly [K in keyof W]: W[K] extends string
    ? string
    : W[K] extends (...values: infer V) => string
      ? (...values: V) => string
      : W[K] extends readonly string[]
        ? readonly string[]
        : Same<W[K]>
}

/** Words of one part of the console. What is missing in Swedish, or stands there alone, is an error of types. */
export function declareWords<const W extends object>(en: W, sv: Same<W>): InEachLanguage<Same<W>> {
  return { en: en as Same<W>, sv }
}

const KEY = 'borgen.language'
const listeners = new Set<() => void>()

function chosen(): Language {
  try {
    const kept = localStorage.getItem(KEY)
    if (kept === 'en' || kept === 'sv') return kept
  } catch {
    // Storage may be refused.
  }
  return navigator.language.startsWith('sv') ? 'sv' : 'en'
}
let language: Language = chosen()

/** Changes the language of every page at once, and keeps it for this browser. */
export function chooseLanguage(next: Language): void {
  language = next
  document.documentElement.lang = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // It holds until the page is closed.
  }
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useLanguage = (): Language => useSyncExternalStore(subscribe, () => language)

/** These words in the language that is chosen. */
export function useWords<W>(words: InEachLanguage<W>): W {
  return words[useLanguage()]
}
