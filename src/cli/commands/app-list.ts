import type { CliCommand } from '../command.ts'
import { moment, size } from '../printable.ts'
import { printTable } from '../table.ts'

export const command: CliCommand = {
  description: 'List the apps, each with its newest release.',
  examples: ['borgen app list', 'borgen app list --json'],
  async run(session) {
    const api = await session.api()
    const apps = await api.get('/v1/apps')
    return {
      json: apps,
      text: () =>
        printTable(session.terminal, {
          head: ['App', 'Version', 'Size', 'Content (SHA-256)', 'Added'],
          rows: apps.items.map((one) => [
            one.app,
            one.version,
            size(one.sizeBytes),
            one.sha256.slice(0, 16),
            moment(one.createdAt),
          ]),
          empty: 'There are no apps yet; `borgen app add` adds one.',
        }),
    }
  },
}
