const NBSP = '\u00a0'

const wholeNumbers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const twoDecimals = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const freeDecimals = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 })

/** Whole amounts lose their zeros: a pipeline is read in round numbers. */
export const money = (minor: number, currency: string): string =>
  `${(minor % 100 === 0 ? wholeNumbers : twoDecimals).format(minor / 100)}${NBSP}${currency}`

/** For columns, where the decimals must stand under each other. */
export const exactMoney = (minor: number): string => twoDecimals.format(minor / 100)

export const decimal = (value: number): string => freeDecimals.format(value)

/** Reads what people write: 1 234,50 or 1,234.50 or 1234. Null when it is not a number. */
export function parseDecimal(text: string): number | null {
  const compact = text.replaceAll(/[\s\u00a0\u202f']/g, '').replace('\u2212', '-')
  const comma = compact.lastIndexOf(',')
  const point = compact.lastIndexOf('.')
  // Of two kinds of mark the later one is the decimal; a single kind is, unless it groups thousands more than once.
  const mark = comma > point ? ',' : '.'
  const other = mark === ',' ? '.' : ','
  const parts = compact.replaceAll(other, '').split(mark)
  const plain = parts.length > 2 ? parts.join('') : parts.join('.')
  return /^-?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : null
}

export function parseMinor(text: string): number | null {
  // Money has no thousandths, so 18,400 and 18.400 are both eighteen thousand.
  const grouped = /^\s*-?[1-9]\d{0,2}([.,]\d{3})+\s*$/.test(text) ? text.replaceAll(/[.,]/g, '') : text
  const value = parseDecimal(grouped)
  return value === null ? null : Math.round(value * 100)
}

const dateFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })
const shortFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const longFormat = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const timeFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

// At noon, so that no time zone moves a plain date to its neighbour.
const plainDate = (text: string): Date => new Date(`${text.slice(0, 10)}T12:00:00`)

export const date = (text: string): string =>
  dateFormat.format(text.length > 10 ? new Date(text) : plainDate(text))

export const longDate = (when: Date): string => longFormat.format(when)

const dayNumber = (when: Date): number =>
  Math.floor(Date.UTC(when.getFullYear(), when.getMonth(), when.getDate()) / 86_400_000)

/** Near days get their name, which is how people plan. */
export function dueDay(text: string, now: Date = new Date()): string {
  const days = dayNumber(plainDate(text)) - dayNumber(now)
  if (days === 0) return 'Today'
  if (days === 1) return 'Tomorrow'
  if (days === -1) return 'Yesterday'
  if (days < 0 && days > -60) return `${-days} days ago`
  return plainDate(text).getFullYear() === now.getFullYear()
    ? shortFormat.format(plainDate(text))
    : date(text)
}

export function moment(text: string, now: Date = new Date()): string {
  const when = new Date(text)
  const days = dayNumber(when) - dayNumber(now)
  if (days === 0) return timeFormat.format(when)
  if (days === -1) return 'Yesterday'
  return when.getFullYear() === now.getFullYear() ? shortFormat.format(when) : dateFormat.format(when)
}

export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes}${NBSP}B`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)}${NBSP}KiB`
  return `${(bytes / 1024 / 1024).toFixed(1)}${NBSP}MiB`
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

const regions = new Intl.DisplayNames(undefined, { type: 'region' })

export function countryName(code: string | null): string {
  try {
    return code ? (regions.of(code) ?? code) : ''
  } catch {
    return code ?? ''
  }
}
