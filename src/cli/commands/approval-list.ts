import { Option } from 'commander'
import { stateCell } from '../approval-view.ts'
import type { CliCommand } from '../command.ts'
import { moment } from '../printable.ts'
import { printTable } from '../table.ts'

export const command: CliCommand<{ all?: boolean }> = {
  description: 'List what waits for a second person.',
  options: [new Option('--all', 'what was decided, withdrawn or has expired too')],
  examples: ['borgen approval list', 'borgen approval list --all --json'],
  async run(session, { all }) {
    const api = await session.api()
    const found = await api.get('/v1/approvals', { params: { query: { state: all ? 'all' : 'open' } } })
    return {
      json: found,
      text: () =>
        printTable(session.terminal, {
          head: ['Approval', 'What', 'Asked by', 'Open until', 'State'],
          rows: found.items.map((one) => [
            one.id,
            one.title.en,
            one.requestedBy.name,
            moment(one.expiresAt),
            stateCell(one),
          ]),
          empty: all ? 'Nothing was ever asked for.' : 'Nothing waits for a second person.',
        }),
    }
  },
}
