import { Argument } from 'commander'
import type { CliCommand } from '../command.ts'
import { notEmpty } from '../option-values.ts'
import { count, printable } from '../printable.ts'
import { printProblems, readYamlFile, yamlFailure } from '../yaml-file.ts'

export const command: CliCommand<object, [overview: string]> = {
  description:
    'Check an overview.yaml: each problem with its line, what was found and what is expected, and warnings for vague words, numbers that stand twice, dead links and translations. Nothing is proposed or changed.',
  arguments: [new Argument('<overview>', 'an overview.yaml').argParser(notEmpty)],
  examples: ['borgen overview check overview.yaml', 'borgen overview check overview.yaml --json'],
  async run(session, _, named) {
    const { terminal } = session
    const { file, text } = await readYamlFile(session, named, { what: 'overview', limitBytes: 40 * 1024 })
    const api = await session.api()
    const { problems, warnings, deviations, changes } = await api.post('/v1/overview/check', {
      body: { overview: text, file },
    })
    if (problems.length > 0) {
      printProblems(session, problems)
      throw yamlFailure('bad_overview', 'overview', problems)
    }
    return {
      json: { file, ok: true, problems, warnings, deviations, changes },
      text: () => {
        printProblems(session, warnings)
        if (warnings.length > 0)
          terminal.note(`${count(warnings.length, 'warning')}: it may be proposed as it is.\n`)
        terminal.line(`${printable(file)}: fine, ${count(deviations.length, 'deviation')} from the register`)
        for (const { promise, says } of deviations)
          terminal.line(`  ${promise}: ${says === null ? 'not made' : printable(says.en)}`)
        if (changes.length > 0) terminal.line('Proposing it would change:')
        for (const { sentence } of changes) terminal.line(`  ${printable(sentence.en)}`)
      },
    }
  },
}
