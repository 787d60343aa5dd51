import { sql } from 'kysely'
import { type Clock, systemClock } from './clock.ts'
import type { Db } from './db.ts'
import type { Logger } from './log.ts'
import { listenFor, signal } from './signals.ts'

/** The channel on which a changed offset is announced. */
const CHANNEL = 'borgen_demo_clock'
/** Where an announcement is missed (the database restarts), the offset is still known this soon. */
const READ_EVERY_MS = 1_000

/** The time that a world lives by. Outside a demo it is the machine's, and there is no other. */
export type WorldClock = { clock: Clock; stop(): Promise<void> }

/**
 * The clock of this world: the machine's own, and in a demo world that many milliseconds ahead as the database says, which
 * only grows. Resolves when the offset is known; afterwards it follows within moments.
 */
export async function openWorldClock(given: {
  demo: boolean
  db: Db
  url: string
  logger: Logger
}): Promise<WorldClock> {
  if (!given.demo) return { clock: systemClock, stop: async () => {} }
  const { db, url, logger } = given
  let offsetMs = 0
  const read = async () => {
    offsetMs = Math.max(offsetMs, await readClockOffset(db))
  }
  const readQuietly = () =>
    void read().catch((error: unknown) => logger.warn('the demo clock cannot be read', { error }))
  await read()
  const listener = listenFor({ url, channel: CHANNEL, logger, onSignal: readQuietly, onConnect: readQuietly })
  const timer = setInterval(readQuietly, READ_EVERY_MS)
  return {
    clock: { now: () => systemClock.now() + offsetMs, realNow: () => systemClock.now() },
    async stop() {
      clearInterval(timer)
      await listener.stop()
    },
  }
}

/** How far the demo's clock is ahead of the machine's; 0 where nobody advanced it. */
export async function readClockOffset(db: Db): Promise<number> {
  const { rows } = await sql<{ offset_ms: number }>`select offset_ms from demo.clock`.execute(db)
  return rows[0]?.offset_ms ?? 0
}

/** Sets the demo's clock ahead to this offset, and tells every process; it never goes back. */
export async function advanceClock(db: Db, offsetMs: number): Promise<void> {
  await sql`insert into demo.clock (offset_ms) values (${offsetMs})
    on conflict (is_only) do update set offset_ms = greatest(clock.offset_ms, excluded.offset_ms)`.execute(db)
  await signal(db, CHANNEL, String(offsetMs))
}
