import type { CliCommand } from '../command.ts'
import { limitOption } from '../option-values.ts'
import { readPages } from '../pages.ts'
import { moment } from '../printable.ts'
import { printTable } from '../table.ts'

type Options = { limit?: number }

export const command: CliCommand<Options> = {
  description: 'List the customers’ accounts, oldest first.',
  options: [limitOption('accounts')],
  examples: ['borgen account list', 'borgen account list --limit 20 --json'],
  async run(session, { limit }) {
    const api = await session.api()
    const accounts = await readPages(limit, (query) => api.get('/v1/accounts', { params: { query } }))
    return {
      json: accounts,
      text: () =>
        printTable(session.terminal, {
          head: ['Account', 'Company', 'Plan', 'State', 'Region', 'Trial ends', 'Since'],
          rows: accounts.items.map((one) => [
            one.slug,
            one.company,
            one.plan,
            one.state,
            one.region,
            one.trialEndsOn ?? '–',
            moment(one.createdAt),
          ]),
          empty: 'There are no accounts yet; `borgen account sign-up` makes one.',
        }),
    }
  },
}
