import type { Argument, Option } from 'commander'
import type { ApiClient } from '../api-client/client.ts'
import type { ExitCode } from './failure.ts'
import type { Surroundings, Terminal } from './terminal.ts'

/** What a command works with. */
export type Session = {
  terminal: Terminal
  surroundings: Surroundings
  /** The answer is one JSON document on stdout, for programs. */
  json: boolean
  /** The local world's data folder, when one was named; otherwise where the environment or `./.borgen` says. */
  dataDir: string | undefined
  /** The API; rejects when it cannot be found. Made once. */
  api(): Promise<ApiClient>
}

/** What a command found: the document for programs, the text for people, and the exit code if it is not 0. */
export type Outcome = {
  json: unknown
  text?: () => void | Promise<void>
  exitCode?: ExitCode
}

/** One command of the CLI. `undefined` as outcome: it has printed everything itself. */
export type CliCommand<Options extends object = object, Arguments extends (string | undefined)[] = []> = {
  description: string
  arguments?: Argument[]
  options?: Option[]
  examples: [string, ...string[]]
  run(session: Session, options: Options, ...args: Arguments): Promise<Outcome | undefined>
}

/** A command as the table loads it: commander has parsed by its `arguments` and `options` what `run` is given. */
export type LoadedCommand = CliCommand<object, (string | undefined)[]>
