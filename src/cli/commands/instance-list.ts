import type { CliCommand } from '../command.ts'
import { stateCell } from '../instance-progress.ts'
import { limitOption } from '../option-values.ts'
import { readPages } from '../pages.ts'
import { moment } from '../printable.ts'
import { printTable } from '../table.ts'

type Options = { limit?: number }

export const command: CliCommand<Options> = {
  description: 'List the instances, oldest first.',
  options: [limitOption('instances')],
  examples: ['borgen instance list', 'borgen instance list --json'],
  async run(session, { limit }) {
    const api = await session.api()
    const instances = await readPages(limit, (query) => api.get('/v1/instances', { params: { query } }))
    return {
      json: instances,
      text: () =>
        printTable(session.terminal, {
          head: ['Instance', 'Is', 'App', 'Address', 'Last used'],
          rows: instances.items.map((one) => [
            one.slug,
            stateCell(one),
            `${one.app} ${one.version}`,
            one.url,
            moment(one.lastUsedAt),
          ]),
          empty: 'There are no instances yet; `borgen account sign-up` makes one.',
        }),
    }
  },
}
