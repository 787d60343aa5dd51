import { Temporal } from 'temporal-polyfill'
import type { Language, Parameter, Pledge, Values, Words } from './pledge.ts'

/** A sentence in pieces, so that a page can set its numbers apart: plain text, or a value with the name of its parameter. */
export type Piece = { text: string } | { text: string; parameter: string }

/** Where a value stands in a sentence: `{name}`, or `{name:every}` for how often. */
export const SLOT = /\{([A-Za-z][A-Za-z0-9]*)(:every)?\}/g

/** The names of the parameters that a sentence speaks of, in their order. */
export const slotsOf = (sentence: string): string[] => [...sentence.matchAll(SLOT)].map((match) => match[1]!)

/** A value as people write it: `P90D` is "90 days" and "90 dagar". */
export function sayValue(parameter: Parameter, value: Values[string], language: Language): string {
  if (parameter.unit === 'duration') return sayDuration(String(value), language)
  if (parameter.unit === 'choice') return wordOf(parameter.of, String(value), language)
  if (parameter.unit === 'count') return new Intl.NumberFormat(language).format(Number(value))
  const items = (value as readonly string[]).map((one) => wordOf(parameter.of, one, language))
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(items)
}

/** An ISO 8601 duration in words. */
export function sayDuration(text: string, language: Language): string {
  const { years, months, weeks, days, hours, minutes, seconds } = Temporal.Duration.from(text)
  const words = new Intl.DurationFormat(language, { style: 'long' }).format({
    years,
    months,
    weeks,
    days,
    hours,
    minutes,
    seconds,
  })
  // Swedish says `dygn` of a span of time and `dagar` of a time limit, which is what a promise names.
  return language === 'sv' ? words.replace(/\b1 dygn\b/, '1 dag').replace(/\bdygn\b/, 'dagar') : words
}

const UNITS: Readonly<Record<string, Words>> = {
  years: { en: 'year', sv: 'år' },
  months: { en: 'month', sv: 'månad' },
  weeks: { en: 'week', sv: 'vecka' },
  days: { en: 'day', sv: 'dag' },
  hours: { en: 'hour', sv: 'timme' },
  minutes: { en: 'minute', sv: 'minut' },
  seconds: { en: 'second', sv: 'sekund' },
}

/** How often something happens: `P1Y` is "every year" and "varje år", `P30D` "every 30 days" and "var 30:e dag". */
export function sayEvery(text: string, language: Language): string {
  const duration = Temporal.Duration.from(text)
  const [unit, ...others] = Object.keys(UNITS).filter((name) => duration[name as 'days'] > 0)
  const count = unit === undefined ? 0 : duration[unit as 'days']
  const all = language === 'sv' ? 'varje' : 'every'
  if (unit === undefined || others.length > 0 || (language === 'en' && count > 1))
    return `${all} ${sayDuration(text, language)}`
  const one = UNITS[unit]![language]
  if (count === 1) return `${all} ${one}`
  return `var ${count}:${/(?<!1)[12]$/.test(String(count)) ? 'a' : 'e'} ${one}`
}

/** The sentence that a promise says with these values. */
export function say(
  pledge: Pick<Pledge, 'parameters' | 'says'>,
  values: Values,
  language: Language,
): Piece[] {
  const pieces: Piece[] = []
  const sentence = pledge.says[language]
  let at = 0
  for (const match of sentence.matchAll(SLOT)) {
    const name = match[1]!
    const parameter = pledge.parameters[name]
    const value = values[name]
    if (parameter === undefined || value === undefined) throw new Error(`{${name}} stands for no parameter`)
    if (match.index > at) pieces.push({ text: sentence.slice(at, match.index) })
    const text = match[2] ? sayEvery(String(value), language) : sayValue(parameter, value, language)
    pieces.push({ text, parameter: name })
    at = match.index + match[0].length
  }
  if (at < sentence.length) pieces.push({ text: sentence.slice(at) })
  return pieces
}

export const textOf = (pieces: readonly Piece[]): string => pieces.map((piece) => piece.text).join('')

function wordOf(of: Readonly<Record<string, Words>>, key: string, language: Language): string {
  return of[key]?.[language] ?? key
}
