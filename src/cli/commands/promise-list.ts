import type { CliCommand } from '../command.ts'
import { exitCodeOf, populationOf, summaryOf, verdictCell } from '../promise-view.ts'
import { printTable } from '../table.ts'

export const command: CliCommand = {
  description:
    'List every promise with its verdict. The exit code is 1 when one is broken, 3 when one cannot be told and none is broken.',
  examples: ['borgen promise list', 'borgen promise list --json'],
  async run(session) {
    const api = await session.api()
    const promises = await api.get('/v1/promises')
    return {
      json: promises,
      exitCode: exitCodeOf(promises.items),
      text: async () => {
        await printTable(session.terminal, {
          head: ['', 'Promise', 'Verdict', 'Seen', 'Why'],
          rows: promises.items.map((one) => [
            one.number,
            one.id,
            one.dropped === null ? verdictCell(one.verdict) : 'not made',
            populationOf(one),
            one.dropped ?? one.reason.en,
          ]),
          empty: 'There are no promises.',
        })
        session.terminal.line(`\n${summaryOf(promises.items)}`)
      },
    }
  },
}
