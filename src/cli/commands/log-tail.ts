import { Option } from 'commander'
import type { ApiClient } from '../../api-client/client.ts'
import type { CliCommand } from '../command.ts'
import { entryLine, followEntries, type LogEntry, newestEntries, STREAMS } from '../log-entries.ts'
import { entryType, reference, wholeNumber } from '../option-values.ts'

type Options = {
  lines: number
  follow?: boolean
  stream?: (typeof STREAMS)[number]
  subject?: string
  type?: string
}

export const command: CliCommand<Options> = {
  description:
    'Print the newest entries of the log, oldest of them first. With --follow it stays and prints what arrives; with --json then one document a line.',
  options: [
    new Option('-n, --lines <number>', 'how many').argParser(wholeNumber(1, 10_000)).default(20),
    new Option('-f, --follow', 'stay, and print what arrives'),
    new Option('--stream <stream>', 'only of this stream').choices(STREAMS),
    new Option('--subject <subject>', 'only about this: plane, or an instance by any of its names').argParser(
      reference,
    ),
    new Option('--type <type>', 'only what is of this type, such as account.signed-up').argParser(entryType),
  ],
  examples: [
    'borgen log tail',
    'borgen log tail --follow --subject acme',
    'borgen log tail --stream audit -n 100 --json',
  ],
  async run(session, { lines, follow, stream, type, ...options }) {
    const { terminal } = session
    const api = await session.api()
    const subject = options.subject === undefined ? undefined : await subjectOf(api, options.subject)
    const filter = {
      ...(stream === undefined ? {} : { stream }),
      ...(subject === undefined ? {} : { subject }),
      ...(type === undefined ? {} : { type }),
    }
    const read: Parameters<typeof newestEntries>[0] = (asked) =>
      api.get('/v1/log/entries', { params: { query: { ...filter, ...asked } } })
    const { size } = await api.get('/v1/log')
    const items = await newestEntries(read, size, lines)
    if (!follow)
      return {
        json: { items },
        text: () => {
          for (const entry of items) terminal.line(entryLine(session, entry))
          if (items.length === 0) terminal.note('Nothing of this kind is in the log.')
        },
      }
    const show = (entry: LogEntry) =>
      terminal.line(session.json ? JSON.stringify(entry) : entryLine(session, entry))
    items.forEach(show)
    return followEntries(api, { from: size, filter, read, show })
  },
}

/** The id of what a person names: an instance by its account, host or id, or anything that is an id already. */
async function subjectOf(api: ApiClient, named: string): Promise<string> {
  if (named === 'plane' || /^[a-z]{3}_[0-9a-z]{26}$/.test(named)) return named
  return (await api.get('/v1/instances/{instance}', { params: { path: { instance: named } } })).id
}
