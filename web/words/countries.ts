import type { Language } from './language.ts'
import { localeOf } from './times.ts'

const names = new Map<Language, Intl.DisplayNames>()

/** A country (ISO 3166-1 alpha-2) by its name; the code where the browser knows none. */
export function countryName(code: string, language: Language): string {
  const known = names.get(language) ?? new Intl.DisplayNames(localeOf(language), { type: 'region' })
  names.set(language, known)
  return known.of(code) ?? code
}
