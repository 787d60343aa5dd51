import { parseArgs } from 'node:util'
import { printable } from '../bytes.ts'
import { runCheckpoint } from './checkpoint.ts'
import { runEntry } from './entry.ts'
import { type ExitCode, UsageError } from './exit.ts'
import { runLog } from './log.ts'
import { runConsistency, runInclusion } from './proofs.ts'

const help = `borgen-verify: checks a Borgen log offline, without Borgen

  borgen-verify log FOLDER [--key KEY] [--origin NAME] [--checkpoint FILE]... [--witness KEY]... [--limit N]
  borgen-verify checkpoint FILE --key KEY [--origin NAME] [--witness KEY]...
  borgen-verify entry FILE --key KEY [--origin NAME]
  borgen-verify inclusion FILE (--leaf FILE | --leaf-hash HEX) (--checkpoint FILE --key KEY | --root HEX)
  borgen-verify consistency FILE (--checkpoint OLD --checkpoint NEW --key KEY | --root OLD --root NEW)

  FOLDER      the log's tree/ (or a folder that holds it as tree/ or ledger/tree/)
  --key       the log's public key, <name>+<id>+<base64>, or a file that holds it. Take it from somewhere
              other than the folder; without it, "log" uses the folder's own and proves less
  --origin    the origin expected (otherwise the key's name)
  --checkpoint  for "log": a checkpoint you kept from another day or got from a witness
  --witness   a witness's public key, or a file that holds it: says up to where it saw this very log. Give its newest
              checkpoint with --checkpoint, taken from the witness itself (GET /<SHA-256 of the origin>/checkpoint)
  --limit     stop after so many findings (100)
  --json      print one JSON document

Exit codes: 0 verified, 1 something does not hold, 2 usage or unreadable file argument, 3 cannot tell.
Example: borgen-verify log ./tree --key ./trusted.vkey --checkpoint ./last-year.checkpoint
`

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const signed = { key: text, origin: text, json: { type: 'boolean' } } as const

/** Runs the command line (without node and script) and gives the exit code; prints, never throws. */
export async function main(args: string[]): Promise<ExitCode> {
  try {
    return await run(args)
  } catch (error) {
    const usage =
      error instanceof UsageError || /^ERR_PARSE_ARGS/.test((error as { code?: string }).code ?? '')
    const why = printable(error instanceof Error ? error.message : String(error), 400)
    process.stderr.write(
      usage
        ? `borgen-verify: ${why}\nSee borgen-verify --help.\n`
        : `borgen-verify: cannot tell, because the check itself failed: ${why}\n`,
    )
    return usage ? 2 : 3
  }
}

async function run([command, ...rest]: string[]): Promise<ExitCode> {
  if (
    command === undefined ||
    command === '--help' ||
    command === '-h' ||
    command === 'help' ||
    rest.includes('--help')
  ) {
    process[command === undefined ? 'stderr' : 'stdout'].write(help)
    return command === undefined ? 2 : 0
  }
  if (command === 'log') {
    const { positionals, values } = parseArgs({
      args: rest,
      allowPositionals: true,
      options: { ...signed, checkpoint: texts, witness: texts, limit: text },
    })
    return runLog(only(positionals, 'folder'), values)
  }
  if (command === 'checkpoint' || command === 'entry') {
    const options = { ...signed, witness: texts }
    const { positionals, values } = parseArgs({ args: rest, allowPositionals: true, options })
    return (command === 'entry' ? runEntry : runCheckpoint)(only(positionals, 'file'), values)
  }
  if (command === 'inclusion' || command === 'consistency') {
    const options = { ...signed, checkpoint: texts, root: texts, leaf: text, 'leaf-hash': text }
    const { positionals, values } = parseArgs({ args: rest, allowPositionals: true, options })
    return (command === 'inclusion' ? runInclusion : runConsistency)(only(positionals, 'file'), values)
  }
  throw new UsageError(`there is no command "${printable(command, 40)}"`)
}

function only(positionals: string[], what: string): string {
  const [first] = positionals
  if (first === undefined || positionals.length !== 1)
    throw new UsageError(`exactly one ${what} is expected, ${positionals.length} were given`)
  return first
}
