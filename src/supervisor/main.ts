import { isAppError } from '../kernel/errors.ts'
import { parseUpArguments } from './options.ts'
import { runUp } from './run-up.ts'

// The way in until the CLI's `up` calls runUp.
const [command, ...args] = process.argv.slice(2)
try {
  if (command !== 'up')
    throw new Error(
      'usage: borgen up [--demo] [--data DIR] [--no-system-packages] [--https-port N] [--http-port N]',
    )
  await runUp(parseUpArguments(args, process.env))
} catch (error) {
  const remedy = isAppError(error) && error.remedy ? `\n  ${error.remedy}` : ''
  process.stderr.write(`borgen: ${error instanceof Error ? error.message : String(error)}${remedy}\n`)
  process.exitCode = isAppError(error, 'bad_request') ? 2 : 1
}
