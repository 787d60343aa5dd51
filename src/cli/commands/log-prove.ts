import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Argument, Option } from 'commander'
import type { CliCommand } from '../command.ts'
import { CliFailure, EXIT, usageFailure } from '../failure.ts'
import { knownLogFile, readKnownLog } from '../known-log.ts'
import { notEmpty, wholeNumber } from '../option-values.ts'
import { printable } from '../printable.ts'

type Options = { out?: string; key?: string }

export const command: CliCommand<Options, [index: string]> = {
  description:
    'Export an entry with its proof as a document that a stranger can check offline (docs/evidence-format.md, 6.3), and check it here first. It is printed, or written to a file with --out.',
  arguments: [
    new Argument('<index>', 'the entry’s number').argParser(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
  ],
  options: [
    new Option('--out <file>', 'write it there instead').argParser(notEmpty),
    new Option('--key <vkey>', 'the log’s key to trust (default: the one seen first)').argParser(notEmpty),
  ],
  examples: ['borgen log prove 7 > entry-7.json', 'borgen log prove 7 --out entry-7.json --json'],
  async run(session, { out, key }, asked) {
    const { terminal, surroundings } = session
    const index = Number(asked)
    const api = await session.api()
    const [document, { origin, vkey }] = await Promise.all([
      api.get('/v1/log/entries/{index}', { params: { path: { index } } }),
      api.get('/v1/log'),
    ])
    const known = readKnownLog(knownLogFile(surroundings.env, origin))
    const text = `${JSON.stringify(document, null, 2)}\n`
    const { verifyEntry } = await import('../../../verify/src/index.ts')
    const verdict = verifyEntry({ text, key: key ?? known?.vkey ?? vkey.trim(), origin })
    if (verdict.verdict !== 'verified')
      throw new CliFailure(
        verdict.verdict === 'undecided' ? EXIT.unknown : EXIT.broken,
        verdict.code,
        `The proof of entry ${index} does not hold (step ${verdict.step}): ${verdict.message}.`,
        { remedy: 'Run `borgen log verify`; it names the place.', more: { step: verdict.step, document } },
      )
    const { type, subject } = verdict.leaf
    const says = `Entry ${index} of ${verdict.size} holds: ${type}, about ${subject}${verdict.content === 'erased' ? ', content erased' : ''}.`
    if (out === undefined)
      return {
        json: document,
        text: () => {
          terminal.line(text.trimEnd())
          terminal.note(printable(says))
        },
      }
    try {
      writeFileSync(resolve(surroundings.cwd, out), text, { mode: 0o600 })
    } catch (error) {
      throw usageFailure(`${out} cannot be written: ${error instanceof Error ? error.message : error}.`)
    }
    return {
      json: {
        file: out,
        verdict: 'verified',
        index,
        size: Number(verdict.size),
        type,
        subject,
        content: verdict.content,
      },
      text: () => terminal.line(`${printable(says)} Written to ${out}.`),
    }
  },
}
