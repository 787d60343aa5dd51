import type { CliCommand } from '../command.ts'
import { originOf } from '../person-view.ts'
import { printTable } from '../table.ts'

export const command: CliCommand = {
  description: 'List people with their passkeys and what each leads back to.',
  examples: ['borgen person list', 'borgen person list --json'],
  async run(session) {
    const api = await session.api()
    const people = await api.get('/v1/people')
    return {
      json: people,
      text: () =>
        printTable(session.terminal, {
          head: ['Id', 'E-mail', 'Name', 'Role', 'Passkeys'],
          rows: people.items.map((one) => [
            one.id,
            one.email,
            one.name,
            one.disabledAt === null ? one.role : { text: 'removed', style: 'red' },
            one.passkeys.map(originOf).join('; ') || 'none',
          ]),
          empty: 'There is nobody.',
        }),
    }
  },
}
