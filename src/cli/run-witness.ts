import type { Outcome, Session } from './command.ts'
import { CliFailure, EXIT, usageFailure } from './failure.ts'

/** Runs the witness's own command line in this process; `run` prints while it runs, the others answer with a key. */
export async function runWitness(session: Session, args: string[]): Promise<Outcome | undefined> {
  const { main } = await import('../../witness/src/main.ts')
  const { stdout, stderr } = session.surroundings
  const [printed, said]: [string[], string[]] = [[], []]
  const stays = args[0] === 'run'
  const exitCode = await main(args, {
    out: (text) => void (stays ? stdout.write(text) : printed.push(text)),
    err: (text) =>
      void (stays && /^(witness|POST|GET|failed)/.test(text) ? stderr.write(text) : said.push(text)),
  })
  const [why = ''] = said.join('').replace('borgen witness: ', '').split('\n')
  if (exitCode === 2) throw usageFailure(why)
  if (exitCode !== 0) throw new CliFailure(EXIT.unknown, 'failed', why)
  const key = printed.join('').trim()
  return stays ? undefined : { json: { key }, text: () => session.terminal.line(key) }
}
