import { Argument } from 'commander'
import type { CliCommand } from '../command.ts'
import { stateCell } from '../instance-progress.ts'
import { reference } from '../option-values.ts'
import { moment } from '../printable.ts'
import { printFields, printTable } from '../table.ts'

export const command: CliCommand<object, [account: string]> = {
  description: 'Show a customer’s account, its instance, and everything that happened to it.',
  arguments: [new Argument('<account>', 'its name (acme) or id (acc_…)').argParser(reference)],
  examples: ['borgen account show acme', 'borgen account show acme --json'],
  async run(session, _, account) {
    const { terminal } = session
    const api = await session.api()
    const found = await api.get('/v1/accounts/{account}', { params: { path: { account } } })
    return {
      json: found,
      text: async () => {
        const { instance } = found
        printFields(terminal, [
          ['Account', found.id],
          ['Company', found.company],
          ['E-mail', found.email],
          ['Country', found.country],
          ['Region', `${found.region} (${found.timeZone}), for good`],
          ['Plan', found.trialEndsOn === null ? found.plan : `${found.plan}, to ${found.trialEndsOn}`],
          ['State', found.state],
          ['Since', moment(found.createdAt)],
          ['Instance', instance?.id],
          ['Runs', instance ? `${instance.app} ${instance.version}` : undefined],
          ['Is', instance ? stateCell(instance) : undefined],
          ['Address', instance?.url],
        ])
        terminal.line()
        await printTable(terminal, {
          head: ['When', 'What', 'Who', ''],
          rows: found.events.map(({ at, type, actor, data }) => [
            moment(at),
            type,
            actor,
            { text: JSON.stringify(data), style: 'dim' },
          ]),
          empty: 'Nothing happened yet.',
        })
      },
    }
  },
}
