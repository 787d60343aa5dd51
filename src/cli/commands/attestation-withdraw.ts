import { Argument, Option } from 'commander'
import type { CliCommand } from '../command.ts'
import { notEmpty, reference } from '../option-values.ts'
import { printFields } from '../table.ts'

export const command: CliCommand<{ reason: string }, [attestation: string]> = {
  description:
    'Withdraw what was signed: from now on no verdict leans on it. It stays in the list and in the log.',
  arguments: [
    new Argument('<attestation>', 'id of an attestation; see `borgen attestation list`').argParser(reference),
  ],
  options: [new Option('--reason <sentence>', 'why').argParser(notEmpty).makeOptionMandatory()],
  examples: ['borgen attestation withdraw att_4k2v… --reason "The site was sold."'],
  async run(session, { reason }, attestation) {
    const api = await session.api()
    const found = await api.post('/v1/attestations/{attestation}/withdraw', {
      params: { path: { attestation } },
      body: { reason },
    })
    return {
      json: found,
      text: () =>
        printFields(session.terminal, [
          ['Attestation', found.id],
          ['Promise', found.promise],
          ['State', found.state],
        ]),
    }
  },
}
