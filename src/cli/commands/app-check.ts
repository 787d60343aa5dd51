import { Argument } from 'commander'
import type { CliCommand } from '../command.ts'
import { notEmpty } from '../option-values.ts'
import { checkManifest, manifestFailure, printProblems, readManifest } from '../yaml-file.ts'

export const command: CliCommand<object, [manifest: string]> = {
  description: 'Check an app’s manifest: each problem with its line, what was found and what is expected.',
  arguments: [
    new Argument('<manifest>', 'a borgen.app.yaml, or the folder that holds it').argParser(notEmpty),
  ],
  examples: ['borgen app check apps/crm', 'borgen app check apps/crm/borgen.app.yaml --json'],
  async run(session, _, named) {
    const manifest = await readManifest(session, named)
    const problems = await checkManifest(await session.api(), manifest)
    if (problems.length > 0) {
      printProblems(session, problems)
      throw manifestFailure(problems)
    }
    return {
      json: { file: manifest.file, ok: true, problems },
      text: () => session.terminal.line(`${manifest.file}: fine`),
    }
  },
}
