import { isoOf } from '../kernel/clock.ts'

/** Text from elsewhere, without what would steer a terminal: control characters are shown as their code points. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\t' ? ' ' : `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`,
  )
}

/** A moment as people read it, in UTC to the second: `2026-11-23 09:00:00Z`; a dash for none. */
export function moment(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '–' : isoOf(ms).replace('T', ' ').replace(/\.\d+/, '')
}

/** A number of bytes as people read it: `3.4 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** `1 instance`, `3 instances`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}
