import { randomInt, timingSafeEqual } from 'node:crypto'

// Without letters and digits that are mistaken for each other.
const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'

export function createSetupCode(): string {
  const group = () => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return `${group()}-${group()}-${group()}`
}

export function sameSetupCode(expected: string, given: string): boolean {
  const normal = (code: string) =>
    Buffer.from(code.toUpperCase().replaceAll(/[\s-]/g, '').padEnd(32).slice(0, 32))
  return timingSafeEqual(normal(expected), normal(given))
}
