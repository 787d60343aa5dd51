import { Cron } from 'croner'
import { isoOf } from '../../kernel/clock.ts'

const FIVE_FIELDS = /^(\S+\s+){4}\S+$/
const ANY_TIME = '2000-01-01T00:00:00'

/** Whether a text is a cron line of five fields that ever comes due. */
export function isCronLine(text: string): boolean {
  try {
    return FIVE_FIELDS.test(text) && cronOf(text, 'UTC').nextRun(ANY_TIME) !== null
  } catch {
    return false
  }
}

/** The latest moment before `now` (epoch ms) at which one of these cron lines came due in this time zone. */
export function lastDue(schedule: readonly string[], timeZone: string, now: number): number | undefined {
  const times = schedule.flatMap((line) => cronOf(line, timeZone).previousRuns(1, isoOf(now)))
  return times.length === 0 ? undefined : Math.max(...times.map((time) => time.getTime()))
}

/** The first moment after `now` (epoch ms) at which one of these cron lines comes due in this time zone. */
export function nextDue(schedule: readonly string[], timeZone: string, now: number): number | undefined {
  const times = schedule.flatMap((line) => cronOf(line, timeZone).nextRun(isoOf(now)) ?? [])
  return times.length === 0 ? undefined : Math.min(...times.map((time) => time.getTime()))
}

const cronOf = (line: string, timezone: string) => new Cron(line, { mode: '5-part', timezone, paused: true })
