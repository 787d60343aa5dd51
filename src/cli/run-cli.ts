import { readFileSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import type { ApiClient } from '../api-client/client.ts'
import type { LoadedCommand, Outcome, Session } from './command.ts'
import { COMMANDS, type Entry, isGroup } from './command-table.ts'
import { type Described, describeFailure, EXIT, type ExitCode, usageFailure } from './failure.ts'
import { notEmpty } from './option-values.ts'
import { printable } from './printable.ts'
import { createTerminal, type Surroundings } from './terminal.ts'

/** Runs one command line to its end and answers its exit code; never rejects. */
export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const json = mentionsJson(argv)
  // `borgen help x y` is `borgen x y --help`.
  const args = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
  const terminal = createTerminal(surroundings, json)
  try {
    const outcome = await dispatch(args, surroundings, json)
    terminal.endProgress()
    if (outcome === undefined) return EXIT.fine
    if (json) terminal.line(JSON.stringify(outcome.json, null, 2))
    else await outcome.text?.()
    return outcome.exitCode ?? EXIT.fine
  } catch (error) {
    terminal.endProgress()
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.fine
    const described = error instanceof CommanderError ? ofCommander(error) : describeFailure(error)
    if (json) terminal.line(JSON.stringify({ error: described.problem }, null, 2))
    for (const line of linesOf(described)) terminal.note(line)
    if (surroundings.env.BORGEN_DEBUG && error instanceof Error) terminal.note(`${error.stack}`)
    return described.exitCode
  }
}

/** Whether `--json` is among the arguments: a wrong command line too is then answered for programs. */
function mentionsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json')
}

async function dispatch(
  argv: readonly string[],
  surroundings: Surroundings,
  json: boolean,
): Promise<Outcome | undefined> {
  let outcome: Outcome | undefined
  const program = await buildProgram(surroundings, wordsOf(argv), async (command, [options, ...args]) => {
    const dataDir = program.opts<{ data?: string }>().data
    outcome = await command.run(createSession(surroundings, json, dataDir), options, ...args)
  })
  if (argv.includes('--version') || argv.includes('-V')) program.version(version(), '-V, --version')
  await program.parseAsync([...argv], { from: 'user' })
  return outcome
}

/** The first two words, which name the command. */
function wordsOf(argv: readonly string[]): string[] {
  return argv.filter((one, at) => !one.startsWith('-') && argv[at - 1] !== '--data').slice(0, 2)
}

function createSession(surroundings: Surroundings, json: boolean, dataDir: string | undefined): Session {
  let api: Promise<ApiClient> | undefined
  const { env, cwd } = surroundings
  return {
    surroundings,
    json,
    dataDir,
    terminal: createTerminal(surroundings, json),
    api() {
      api ??= import('./connect.ts').then(({ connect }) => connect({ env, cwd, dataDir }))
      return api
    },
  }
}

type Given = [options: object, ...args: (string | undefined)[]]
type Act = (command: LoadedCommand, given: Given) => Promise<void>

/** The program with every command's name and summary; of the one that these words name, everything. */
export async function buildProgram(
  surroundings: Surroundings,
  words: readonly string[],
  act: Act,
): Promise<Command> {
  const program = new Command('borgen')
    .description('Borgen: the security overview that runs.')
    .addOption(
      new Option(
        '--data <folder>',
        'data folder of a world on this machine (else $BORGEN_DATA, else ./.borgen)',
      ).argParser(notEmpty),
    )
    .option('--json', 'answer with one JSON document on stdout')
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
    .addHelpText('after', FOOTER)
    .exitOverride()
    // What is wrong with a command line is said by runCli, as every other failure is.
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
      outputError: () => {},
    })
  const [first = '', second = ''] = words
  for (const [name, found] of Object.entries(COMMANDS)) {
    if (!isGroup(found)) {
      await addCommand(program, name, found, first === name, act)
      continue
    }
    const group = program.command(name).description(`${found.summary}.`).summary(found.summary)
    for (const [verb, entry] of Object.entries(found.commands))
      await addCommand(group, verb, entry, first === name && second === verb, act)
  }
  return program
}

async function addCommand(
  parent: Command,
  name: string,
  entry: Entry,
  isMeant: boolean,
  act: Act,
): Promise<void> {
  const command = parent.command(name).summary(entry.summary)
  if (!isMeant) return
  const { command: meant } = await entry.load()
  command.description(meant.description)
  for (const argument of meant.arguments ?? []) command.addArgument(argument)
  for (const option of meant.options ?? []) command.addOption(option)
  command.addHelpText('after', `\nExamples:\n${meant.examples.map((line) => `  $ ${line}`).join('\n')}`)
  command.action((...given: unknown[]) => {
    // commander hands over the arguments, the options and the command itself.
    const options = given.at(-2)
    return act(meant, [options, ...given.slice(0, -2)] as Given)
  })
}

const FOOTER = `
Exit codes:
  0  fine
  1  something that was promised does not hold
  2  the command line or its input is wrong; nothing was changed
  3  cannot tell: nobody answers, or the other side failed
  4  refused, or a person must confirm it first

Another machine: BORGEN_URL, BORGEN_TOKEN, and BORGEN_CA for its authority's certificate.`

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String(version)
}

function ofCommander(error: CommanderError): Described {
  if (error.code === 'commander.help')
    return describeFailure(usageFailure('No command was given.', 'Add one of the commands above.'))
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const hint = /^\(Did you mean (.+)\?\)$/.exec(rest.join(' ').trim())?.[1]
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1)}`.replace(/[^.?!]$/, '$&.')
  return describeFailure(
    usageFailure(sentence, hint ? `Did you mean ${hint}?` : 'Add --help to see what it takes.'),
  )
}

/** A failure for people: the sentence, the places, the remedy. */
function linesOf({ problem }: Described): string[] {
  const lines = [`borgen: ${printable(problem.detail)}`]
  for (const { at, expected } of problem.errors ?? [])
    lines.push(`  ${printable(at)}: ${printable(expected)}`)
  if (problem.remedy) lines.push(`  ${printable(problem.remedy)}`)
  if (problem.instance && (problem.status ?? 0) >= 500)
    lines.push(`  (request ${printable(problem.instance)})`)
  return lines
}
