import { printable } from '../bytes.ts'
import type { Finding } from '../log/findings.ts'

/** Prints one JSON document to stdout: integers beyond 2^53 as strings, hashes as hex. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, plain, 2)}\n`)
}

function plain(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key]
  if (original instanceof Uint8Array) return Buffer.from(original).toString('hex')
  if (typeof value !== 'bigint') return value
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value)
}

/** Seconds since 1970 as a date and time in UTC. */
export function whenOf(seconds: bigint): string {
  const ms = Number(seconds) * 1000
  return ms > 8.64e15 ? `second ${seconds}` : `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** Prints lines to stdout. */
export function printLines(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** A finding as a person reads it: the place first, then what is wrong, then found and expected. */
export function findingLines(finding: Finding): string[] {
  const { severity, code, file, offset, index, found, expected, message, more } = finding
  const place = [
    file === '' ? 'this log' : printable(file),
    offset === undefined ? '' : `byte ${offset}`,
    index === undefined ? '' : `leaf ${index}`,
  ]
  const lines = [
    `${severity.toUpperCase()}  ${place.filter((part) => part !== '').join(', ')}  [${code}]`,
    `  ${message}`,
  ]
  if (found !== undefined) lines.push(`  found     ${printable(found)}`)
  if (expected !== undefined) lines.push(`  expected  ${printable(expected)}`)
  if (more !== undefined) lines.push(`  and ${more} more of this kind in this file`)
  return lines
}

/** A line on stderr that is overwritten by the next, only where a person watches; at most ten a second. */
export function progressLine(): { show(text: string): void; clear(): void } {
  if (!process.stderr.isTTY) return { show() {}, clear() {} }
  let shownAt = 0
  return {
    show(text) {
      const now = performance.now()
      if (now - shownAt < 100) return
      shownAt = now
      process.stderr.write(`\r\x1b[K${text}`)
    },
    clear: () => void process.stderr.write('\r\x1b[K'),
  }
}
