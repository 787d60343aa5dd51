import { Option } from 'commander'
import type { CliCommand } from '../command.ts'
import { limitOption, notEmpty } from '../option-values.ts'
import { readPages } from '../pages.ts'
import { moment } from '../printable.ts'
import { printTable } from '../table.ts'

type Options = { limit?: number; region?: string; instance?: string; outside?: boolean }

export const command: CliCommand<Options> = {
  description: 'List where every artefact of every customer was last seen: databases, files, logs, keys.',
  options: [
    limitOption('artefacts'),
    new Option('--region <id>', 'only what lies, or should lie, in this region').argParser(notEmpty),
    new Option('--instance <id>', 'only of this instance').argParser(notEmpty),
    new Option('--outside', 'only what is not shown to be where it was promised'),
  ],
  examples: ['borgen artefact list', 'borgen artefact list --outside --json'],
  async run(session, { limit, region, instance, outside }) {
    const api = await session.api()
    const asked = {
      ...(region === undefined ? {} : { region }),
      ...(instance === undefined ? {} : { instance }),
      ...(outside ? { outside: 'true' } : {}),
    }
    const artefacts = await readPages(limit, (query) =>
      api.get('/v1/artefacts', { params: { query: { ...asked, ...query } } }),
    )
    return {
      json: artefacts,
      text: () =>
        printTable(session.terminal, {
          head: ['Kind', 'Of', 'Promised', 'Lies in', 'Inside', 'Path', 'Seen'],
          rows: artefacts.items.map((one) => [
            one.kind,
            one.company ?? '–',
            one.region ?? '–',
            one.where.region ?? '–',
            one.isInside === null ? 'cannot be told' : one.isInside ? 'yes' : 'NO',
            one.where.path,
            moment(one.seenAt),
          ]),
          empty: 'Nothing was located yet: the proof of places has not run, or there are no customers.',
        }),
    }
  },
}
