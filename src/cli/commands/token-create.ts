import { Option } from 'commander'
import type { CliCommand } from '../command.ts'
import { notEmpty, wholeNumber } from '../option-values.ts'
import { moment } from '../printable.ts'
import { printFields } from '../table.ts'

type Options = { name: string; scope: string[]; role: 'owner' | 'operator' | 'auditor'; days: number }

export const command: CliCommand<Options> = {
  description:
    'Create a token for a program. It is shown once, and may do what its scopes and its role both allow.',
  options: [
    new Option('--name <name>', 'what it is for').argParser(notEmpty).makeOptionMandatory(),
    new Option(
      '--scope <scope...>',
      'what it may do, such as account.list, instance.* or *',
    ).makeOptionMandatory(),
    new Option('--role <role>', 'whose rights it has at most')
      .choices(['owner', 'operator', 'auditor'])
      .default('operator'),
    new Option('--days <number>', 'how long it works').argParser(wholeNumber(1, 366)).default(90),
  ],
  examples: [
    'borgen token create --name ci --scope app.add app.list',
    "borgen token create --name backup-check --scope 'instance.*' --role auditor --days 30 --json",
  ],
  async run(session, { name, scope, role, days }) {
    const api = await session.api()
    const scopes = scope.flatMap((one) => one.split(','))
    const created = await api.post('/v1/tokens', { body: { name, scopes, role, days } })
    return {
      json: created,
      text: () => {
        printFields(session.terminal, [
          ['Token', created.token === null ? '(shown before)' : { text: created.token, style: 'bold' }],
          ['Id', created.id],
          ['Name', created.name],
          ['Scopes', created.scopes.join(', ')],
          ['Role', created.role],
          ['Works to', moment(created.expiresAt)],
        ])
        session.terminal.note('The token is shown this once.')
      },
    }
  },
}
