/** What stands behind the question mark of an address, before it was looked at. */
export type RawSearch = Record<string, unknown>

/** One of these words, else nothing: an address that was mistyped shows the page without it. */
export function oneOf<const T extends string | number>(value: unknown, words: readonly T[]): T | undefined {
  return words.find((word) => word === value)
}

/** A text that is not empty. The router reads `?q=12` as a number; here it is what was typed. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A calendar date, `2026-11-23`. */
export function dateOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined
}

/** A whole number from 0. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** Leaves out what is undefined, so that addresses stay short. */
export function present<T extends object>(search: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as never
}

/** What an address says, with some of it changed; `undefined` takes a word out. */
export function changed<S extends object>(old: S, more: { [K in keyof S]?: S[K] | undefined }): S {
  return present({ ...old, ...more }) as S
}
