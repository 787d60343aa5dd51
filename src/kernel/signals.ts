import { sql } from 'kysely'
import pg from 'pg'
import type { Db } from './db.ts'
import type { Logger } from './log.ts'

const RECONNECT_MS = 500

/** Tells whoever listens, once the transaction commits. A signal that nobody hears costs time only, never a promise. */
export async function signal(db: Db, channel: string, payload: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${payload})`.execute(db)
}

/** Listens until stopped, reconnecting as needed; `onConnect` runs each time anew, for what was missed meanwhile. */
export function listenFor(given: {
  url: string
  channel: string
  logger: Logger
  onSignal(payload: string): void
  onConnect?(): void
}): { stop(): Promise<void> } {
  let stopped = false
  let current: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined

  const connect = async () => {
    const client = new pg.Client({ connectionString: given.url, keepAlive: true })
    let lost = false
    const again = () => {
      if (lost) return
      lost = true
      if (current === client) current = undefined
      if (!stopped) timer = setTimeout(connect, RECONNECT_MS)
    }
    client.on('error', again)
    client.on('end', again)
    client.on('notification', (message) => given.onSignal(message.payload ?? ''))
    try {
      await client.connect()
      await client.query(`listen ${client.escapeIdentifier(given.channel)}`)
      if (stopped) return void client.end()
      current = client
      given.onConnect?.()
    } catch (error) {
      given.logger.warn('cannot listen for signals yet', { channel: given.channel, error })
      again()
    }
  }
  void connect()

  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await current?.end().catch(() => {})
    },
  }
}
