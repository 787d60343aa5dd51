import { Temporal } from 'temporal-polyfill'
import type { Contradiction } from './pledge.ts'

// Only to compare two promised durations with each other; due dates are reckoned on calendars.
const COMPARED_FROM = Temporal.PlainDate.from('2025-01-01')

/** Whether a text is an ISO 8601 duration that is positive and of whole seconds. */
export function isDuration(text: string): boolean {
  try {
    const duration = Temporal.Duration.from(text)
    return (
      /^P/.test(text) &&
      duration.sign === 1 &&
      duration.milliseconds === 0 &&
      duration.microseconds === 0 &&
      duration.nanoseconds === 0
    )
  } catch {
    return false
  }
}

/** Whether a duration is as long at any time of the year: without years, months and weeks. */
export function hasFixedLength(text: string): boolean {
  const { years, months, weeks } = Temporal.Duration.from(text)
  return years === 0 && months === 0 && weeks === 0
}

/** Negative when the first is shorter; years and months count from a common year. */
export function compareDurations(a: string, b: string): number {
  return Temporal.Duration.compare(a, b, { relativeTo: COMPARED_FROM })
}

/** Seconds of a duration; years and months count from a common year. Not for due dates. */
export function secondsOf(text: string): number {
  return Temporal.Duration.from(text).total({ unit: 'seconds', relativeTo: COMPARED_FROM })
}

/** The first of these durations that is longer than the one after it, said as a contradiction. */
export function firstDescending(
  values: Readonly<Record<string, string | number | readonly string[]>>,
  names: readonly string[],
): Contradiction | undefined {
  for (const [at, name] of names.entries()) {
    const next = names[at + 1]
    if (next === undefined) return undefined
    const [shorter, longer] = [String(values[name]), String(values[next])]
    if (compareDurations(shorter, longer) > 0)
      return { parameter: next, found: longer, expected: `at least ${name}, which is ${shorter}` }
  }
  return undefined
}
