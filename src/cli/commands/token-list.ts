import type { CliCommand } from '../command.ts'
import { limitOption } from '../option-values.ts'
import { readPages } from '../pages.ts'
import { moment } from '../printable.ts'
import { printTable } from '../table.ts'

type Options = { limit?: number }

export const command: CliCommand<Options> = {
  description: 'List the tokens, never what would let somebody use them.',
  options: [limitOption('tokens')],
  examples: ['borgen token list', 'borgen token list --json'],
  async run(session, { limit }) {
    const api = await session.api()
    const tokens = await readPages(limit, (query) => api.get('/v1/tokens', { params: { query } }))
    return {
      json: tokens,
      text: () =>
        printTable(session.terminal, {
          head: ['Id', 'Name', 'Role', 'Scopes', 'Works to', 'Last used'],
          rows: tokens.items.map((one) => [
            one.id,
            one.name,
            one.role,
            one.scopes.join(', '),
            one.revokedAt === null ? moment(one.expiresAt) : { text: 'revoked', style: 'red' },
            moment(one.lastUsedAt),
          ]),
          empty: 'There are no tokens.',
        }),
    }
  },
}
