import { type ApiProblem, isApiProblem, type Problem } from '../api-client/problem.ts'

/** What the CLI's exit codes mean; they never change. */
export const EXIT = {
  fine: 0,
  /** Something that was promised does not hold: a verification failed, a process is down. */
  broken: 1,
  /** The command line or its input is wrong; nothing was changed. */
  usage: 2,
  /** It could not be found out: nobody answers, or the other side failed. */
  unknown: 3,
  /** Understood and refused, or a person must confirm it first. */
  refused: 4,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** A command ends here, with a sentence, its remedy and an exit code. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode
  readonly code: string
  readonly remedy: string | undefined
  readonly more: Record<string, unknown> | undefined

  constructor(
    exitCode: ExitCode,
    code: string,
    sentence: string,
    extra: { remedy?: string; more?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(sentence, extra.cause === undefined ? undefined : { cause: extra.cause })
    this.name = 'CliFailure'
    this.exitCode = exitCode
    this.code = code
    this.remedy = extra.remedy
    this.more = extra.more
  }
}

/** Wrong input: exit code 2. */
export function usageFailure(sentence: string, remedy?: string): CliFailure {
  return new CliFailure(EXIT.usage, 'usage', sentence, remedy === undefined ? {} : { remedy })
}

/** A failure as it is printed: the problem document for programs, with the exit code it leads to. */
export type Described = { exitCode: ExitCode; problem: Partial<Problem> & { code: string; detail: string } }

/** Describes anything that was thrown. */
export function describeFailure(error: unknown): Described {
  if (error instanceof CliFailure) {
    const { exitCode, code, message, remedy, more } = error
    return {
      exitCode,
      problem: { code, detail: message, ...(remedy ? { remedy } : {}), ...(more ? { more } : {}) },
    }
  }
  if (isApiProblem(error)) return { exitCode: exitCodeOf(error), problem: error.problem }
  if (error instanceof Error && error.name === 'AppError' && 'code' in error) {
    // From a part of the product that runs in this process, such as the supervisor.
    const remedy = 'remedy' in error && typeof error.remedy === 'string' ? error.remedy : undefined
    const code = String(error.code)
    return {
      exitCode: OF_CODE[code] ?? EXIT.unknown,
      problem: { code, detail: error.message, ...(remedy === undefined ? {} : { remedy }) },
    }
  }
  return {
    exitCode: EXIT.unknown,
    problem: {
      code: 'internal',
      detail: `Something went wrong in the command itself: ${error instanceof Error ? error.message : String(error)}.`,
      remedy: 'Try again; with BORGEN_DEBUG=1 it says where.',
    },
  }
}

const OF_CODE: Record<string, ExitCode> = {
  bad_request: EXIT.usage,
  not_found: EXIT.usage,
  too_large: EXIT.usage,
  gone: EXIT.refused,
  conflict: EXIT.refused,
  confirmation_needed: EXIT.refused,
  unauthenticated: EXIT.refused,
  forbidden: EXIT.refused,
}

function exitCodeOf({ problem: { status, code } }: ApiProblem): ExitCode {
  const known = OF_CODE[code]
  if (known !== undefined) return known
  return status >= 400 && status < 429 && code !== 'not_understood' ? EXIT.usage : EXIT.unknown
}
