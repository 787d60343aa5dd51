import { type AppendToLog, recordInTransaction } from '../../changes/outbox.ts'
import type { InstanceOutput, OutputFile } from '../../drivers/instances/contract/output.ts'
import { type Clock, isoOf } from '../../kernel/clock.ts'
import type { Db } from '../../kernel/db.ts'
import { isAppError } from '../../kernel/errors.ts'
import type { Job } from '../../kernel/jobs.ts'
import type { Logger } from '../../kernel/log.ts'
import { shipFile } from './ship.ts'
import { noteShipped, noteWaiting, regionsOf, shippedOffsets } from './store.ts'

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
/** So many instances in a row for which the log does not answer: then it answers nobody, and the next run asks again. */
const UNANSWERED = 3
/** Output that has waited for so long is shown to people. */
const LONG_MS = 60_000

/** An instance whose output the log did not take. */
type Failing = { pauseMs: number; untilMs: number; recorded: boolean }

/**
 * Carries what instances wrote into the log, each line once: a crash between the log and the note repeats lines under the same
 * key. When the log does not take an instance's output, that waits in its file and is tried again, while others' goes on.
 */
export function outputJob(parts: {
  db: Db
  clock: Clock
  logger: Logger
  output: InstanceOutput
  append: AppendToLog
}): Job {
  const { db, clock, logger, output, append } = parts
  const seenEnd = new Map<string, number>()
  const failing = new Map<string, Failing>()
  /** Since when, in ms, each instance with something left to carry has had it. */
  const waiting = new Map<string, number>()
  let shown: string | undefined

  function forgetAllBut(present: ReadonlySet<string>): void {
    for (const known of [failing, waiting])
      for (const instance of known.keys()) if (!present.has(instance)) known.delete(instance)
    for (const name of seenEnd.keys()) if (!present.has(name.split('/')[0] ?? '')) seenEnd.delete(name)
  }

  async function ship(files: OutputFile[], region: string, offsets: Map<string, number>) {
    let [lines, more] = [0, false]
    for (const one of files) {
      const known = offsets.get(nameOf(one)) ?? 0
      const from = known > one.endBytes ? 0 : known // the file was made anew
      const note = (offsetBytes: number) => noteShipped(db, one.instance, one.file, offsetBytes)
      const shipped = await shipFile({ output, append, note }, one, region, from)
      lines += shipped.lines
      // What is left is a line without its end, which shows when it grows.
      if (shipped.more) more = true
      else seenEnd.set(nameOf(one), one.endBytes)
    }
    return { lines, more }
  }

  async function failed(instance: string, region: string, error: unknown): Promise<void> {
    const now = clock.now()
    const before = failing.get(instance)
    const unanswered = isAppError(error, 'log_unavailable')
    const pauseMs = before && !unanswered ? Math.min(before.pauseMs * 2, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS
    failing.set(instance, { pauseMs, untilMs: now + pauseMs, recorded: before?.recorded || !unanswered })
    if (!before) logger.error('output of an instance waits', { instance, error })
    // When the log answers nobody, it is not this instance's fault.
    if (unanswered || before?.recorded) return
    const because = error instanceof Error ? error.message : String(error)
    const entry = {
      key: `${instance}:output-waits:${now}`,
      stream: 'error' as const,
      subject: 'plane',
      region: 'plane',
      type: 'output.delayed',
      event: { instance, region, at: isoOf(now), because: because.toWellFormed().slice(0, 1000) },
    }
    await recordInTransaction(db, [entry], now).catch((cause: unknown) =>
      logger.error('that output waits was not recorded', { instance, error: cause }),
    )
  }

  /** Tells people, once each time that it changes, whose output has waited for long. */
  async function show(): Promise<void> {
    const now = clock.now()
    const long = new Map([...waiting].filter(([, sinceMs]) => now - sinceMs >= LONG_MS))
    const text = [...long.keys()].sort().join()
    if (text === shown) return
    await noteWaiting(db, long)
    shown = text
  }

  async function shipDue() {
    const now = clock.now()
    const listed = await output.list()
    forgetAllBut(new Set(listed.map((one) => one.instance)))
    const changed = listed.filter((one) => seenEnd.get(nameOf(one)) !== one.endBytes)
    const due = Map.groupBy(
      changed.filter((one) => (failing.get(one.instance)?.untilMs ?? 0) <= now),
      (one) => one.instance,
    )
    if (due.size === 0) return undefined
    const offsets = new Map((await shippedOffsets(db)).map((row) => [nameOf(row), row.offset_bytes]))
    const regions = new Map((await regionsOf(db, [...due.keys()])).map((row) => [row.id, row.region]))
    let [lines, unanswered] = [0, 0]
    for (const [instance, files] of due) {
      const region = regions.get(instance)
      if (region === undefined) continue
      try {
        const shipped = await ship(files, region, offsets)
        lines += shipped.lines
        if (shipped.lines > 0) unanswered = 0
        if (shipped.more) waiting.set(instance, waiting.get(instance) ?? now)
        else waiting.delete(instance)
        if (failing.delete(instance)) logger.info('output of an instance goes on', { instance })
      } catch (error) {
        waiting.set(instance, waiting.get(instance) ?? now)
        await failed(instance, region, error)
        unanswered = isAppError(error, 'log_unavailable') ? unanswered + 1 : 0
        if (unanswered === UNANSWERED) break
      }
    }
    return { lines }
  }

  return {
    name: 'output',
    everyMs: 1000,
    async run() {
      try {
        return await shipDue()
      } finally {
        await show()
      }
    },
  }
}

const nameOf = ({ instance, file }: { instance: string; file: string }) => `${instance}/${file}`
