import type { Config } from './config.ts'
import type { Database } from './database.ts'
import type { Log } from './log.ts'
import type { Readiness } from './readiness-state.ts'

/** What a running instance consists of; handed to every request. */
export type App = {
  config: Config
  database: Database
  log: Log
  readiness: Readiness
  /** Printed at start while there is no user; whoever reads the log may create the first admin. */
  setupCode: string | null
}
