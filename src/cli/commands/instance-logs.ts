import { Option } from 'commander'
import type { CliCommand } from '../command.ts'
import { instanceArgument } from '../instance-argument.ts'
import { followEntries, type LogEntry, newestEntries, outputLine } from '../log-entries.ts'
import { wholeNumber } from '../option-values.ts'

type Options = { lines: number; follow?: boolean }

export const command: CliCommand<Options, [instance: string]> = {
  description:
    'Print what an instance wrote and what happened to it, oldest first. With --follow it stays and prints what arrives; with --json then one document a line. Reading it is logged.',
  arguments: [instanceArgument()],
  options: [
    new Option('-n, --lines <number>', 'how many').argParser(wholeNumber(1, 10_000)).default(100),
    new Option('-f, --follow', 'stay, and print what arrives'),
  ],
  examples: [
    'borgen instance logs acme',
    'borgen instance logs acme --follow',
    'borgen instance logs acme -n 20 --json',
  ],
  async run(session, { lines, follow }, named) {
    const { terminal } = session
    const api = await session.api()
    const { id } = await api.get('/v1/instances/{instance}', { params: { path: { instance: named } } })
    const read: Parameters<typeof newestEntries>[0] = (query) =>
      api.get('/v1/instances/{instance}/logs', { params: { path: { instance: id }, query } })
    const { size } = await api.get('/v1/log')
    const items = await newestEntries(read, size, lines)
    if (!follow)
      return {
        json: { items },
        text: () => {
          for (const entry of items) terminal.line(outputLine(session, entry))
          if (items.length === 0) terminal.note('It wrote nothing yet.')
        },
      }
    const show = (entry: LogEntry) =>
      terminal.line(session.json ? JSON.stringify(entry) : outputLine(session, entry))
    items.forEach(show)
    return followEntries(api, { from: size, filter: { subject: id }, read, show })
  },
}
