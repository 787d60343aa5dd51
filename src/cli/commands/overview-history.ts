import type { CliCommand } from '../command.ts'
import { printable } from '../printable.ts'

export const command: CliCommand = {
  description: 'Print the public history: a dated line for each change of what is promised, newest first.',
  examples: ['borgen overview history', 'borgen overview history --json'],
  async run(session) {
    const { terminal } = session
    const api = await session.api()
    const found = await api.get('/v1/overview/history')
    return {
      json: found,
      text: () => {
        if (found.items.length === 0) terminal.note('Nothing was ever changed: the register stands as it is.')
        for (const { line } of found.items) terminal.line(printable(line.en))
      },
    }
  },
}
