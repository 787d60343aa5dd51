import { Argument, Option } from 'commander'
import { noteNextStep, printApproval } from '../approval-view.ts'
import type { CliCommand } from '../command.ts'
import { email, notEmpty } from '../option-values.ts'
import { printProblems, readYamlFile, yamlFailure } from '../yaml-file.ts'

export const command: CliCommand<{ by?: string }, [overview: string | undefined]> = {
  description:
    'Propose an overview.yaml. Nothing changes until a second person approves exactly what is shown; then every sentence, the board and the public history follow from it.',
  arguments: [new Argument('[overview]', 'an overview.yaml').default('overview.yaml').argParser(notEmpty)],
  options: [
    new Option(
      '--by <address>',
      'who asks, where this is the host’s own token; they cannot approve it',
    ).argParser(email),
  ],
  examples: ['borgen overview propose', 'borgen overview propose next-year.yaml --by ada@vendor.test'],
  async run(session, { by }, named = 'overview.yaml') {
    const { file, text } = await readYamlFile(session, named, { what: 'overview', limitBytes: 40 * 1024 })
    const api = await session.api()
    const { problems } = await api.post('/v1/overview/check', { body: { overview: text, file } })
    if (problems.length > 0) {
      printProblems(session, problems)
      throw yamlFailure('bad_overview', 'overview', problems)
    }
    const body = by === undefined ? { overview: text } : { overview: text, by }
    const found = await api.post('/v1/overview/proposals', { body })
    return {
      json: found,
      text: () => {
        printApproval(session.terminal, found.approval)
        noteNextStep(session.terminal, found.approval)
      },
    }
  },
}
