import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from './config.ts'
import { type Database, sqlState } from './database.ts'
import type { Log } from './log.ts'
import { listMigrations } from './migrate.ts'
import type { Readiness } from './readiness-state.ts'

type Start = { newest: number | null; has_admin: boolean; seeded: boolean }

/**
 * PostgreSQL may be starting at the same moment, so connecting is retried from 5 ms up to half a second, and requests
 * are held meanwhile. A current schema costs two round trips.
 */
export function prepare(config: Config, database: Database, log: Log): Readiness {
  const stopping = new AbortController()
  let firstRun = false

  const start = (async () => {
    for (let wait = 5; ; wait = Math.min(wait * 2, 500)) {
      try {
        return await readStart(database, log)
      } catch (error) {
        if (stopping.signal.aborted) throw error
        if (wait === 320) log.error('database.waiting', error, whyRefused(error))
        await sleep(wait, undefined, { signal: stopping.signal })
      }
    }
  })()

  const data = start.then(async ({ has_admin, seeded }) => {
    if (!has_admin && config.companyName)
      await database.query('update settings set company_name = $1', [config.companyName])
    if (!has_admin && config.bootstrap) {
      const { createFirstAdmin } = await import('./auth/first-admin.ts')
      const created = await createFirstAdmin(database, { ...config.bootstrap, name: 'Administrator' })
      if (created) log.audit('user.bootstrapped', { id: created })
    }
    firstRun = !has_admin && !config.bootstrap
    if (config.demo && !seeded) {
      const { seedDemo } = await import('./demo/seed-demo.ts')
      if (await seedDemo(database, config.demo, config.filesDir))
        log.event('demo.seeded', { variant: config.demo })
    }
  })
  // Whoever waits sees the failure; nobody waiting must not end the process.
  data.catch((error) => {
    if (!stopping.signal.aborted) log.error('start.failed', error)
  })

  return {
    schema: start.then(() => undefined),
    data,
    isFirstRun: () => firstRun,
    finishFirstRun: () => {
      firstRun = false
    },
    stop: () => stopping.abort(),
  }
}

// Class 28 is a wrong user or password, 3D a database that is not there: these messages quote no row, and people need them.
function whyRefused(error: unknown): { refused?: string } {
  return /^(28|3D)/.test(sqlState(error) ?? '') && error instanceof Error ? { refused: error.message } : {}
}

async function readStart(database: Database, log: Log): Promise<Start> {
  const newest = listMigrations().at(-1)?.number ?? 0
  // Asked before it is read: on an empty database the question itself would stand as an error in PostgreSQL's log.
  const [known] = await database.query<{ known: boolean }>(
    "select to_regclass('schema_migrations') is not null as known",
  )
  const found = known!.known ? await queryStart(database) : undefined
  if (found && (found.newest ?? 0) >= newest) return found
  const { migrate } = await import('./migrate.ts')
  const applied = await migrate(database)
  log.event('database.migrated', { applied: applied.join(',') })
  return (await queryStart(database))!
}

async function queryStart(database: Database): Promise<Start | undefined> {
  const rows = await database.query<Start>(
    `select (select max(number) from schema_migrations) as newest,
            exists (select from users where password_hash is not null) as has_admin,
            (select demo_seeded_at is not null from settings) as seeded`,
  )
  return rows[0]
}
