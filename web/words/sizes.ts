import type { Language } from './language.ts'
import { localeOf } from './times.ts'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `212 MiB`; three figures at most, powers of 1024 as limits are given in. */
export function sayBytes(bytes: number, language: Language): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1]
  return `${Number(value.toPrecision(3)).toLocaleString(localeOf(language))} ${UNITS[unit]}`
}

/** A share of one processor as `12 %`; more than one processor is more than 100 %. */
export function sayShare(share: number, language: Language): string {
  return new Intl.NumberFormat(localeOf(language), {
    style: 'percent',
    maximumFractionDigits: share < 0.1 ? 1 : 0,
  }).format(share)
}
