import type { CliCommand } from '../command.ts'
import { printTable } from '../table.ts'

export const command: CliCommand = {
  description: 'List the regions, the places where a customer’s data may lie.',
  examples: ['borgen region list', 'borgen region list --json'],
  async run(session) {
    const api = await session.api()
    const regions = await api.get('/v1/regions')
    return {
      json: regions,
      text: () =>
        printTable(session.terminal, {
          head: ['Region', 'Title', 'Place', 'Time zone'],
          rows: regions.items.map(({ id, title, place, timeZone }) => [id, title, place, timeZone]),
          empty: 'There are no regions.',
        }),
    }
  },
}
