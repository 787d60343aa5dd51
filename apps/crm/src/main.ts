import { type Config, ConfigError, readConfig } from './config.ts'
import { createLog } from './log.ts'
import { startServer } from './server.ts'

const log = createLog()

function configOrExit(): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`crm: ${error.message}\n`)
    process.exit(2)
  }
}

const running = startServer(configOrExit(), log)

let stopping = false
const stop = (signal: string) => {
  if (stopping) process.exit(1)
  stopping = true
  running
    .then((server) => server.stop())
    .then(
      () => {
        log.event('stopped', { signal })
        process.exit(0)
      },
      (error) => {
        log.error('stop.failed', error)
        process.exit(1)
      },
    )
}
process.on('SIGTERM', () => stop('SIGTERM'))
process.on('SIGINT', () => stop('SIGINT'))

running.catch((error) => {
  log.error('start.failed', error)
  process.exit(1)
})
