import { Argument } from 'commander'
import type { CliCommand } from '../command.ts'
import { email } from '../option-values.ts'
import { originOf } from '../person-view.ts'
import { moment } from '../printable.ts'
import { printTable } from '../table.ts'

export const command: CliCommand<Record<string, never>, [address: string]> = {
  description:
    'Vouch that the passkeys a person has now are theirs and nobody else’s, so that they count as a second person’s whoever made the links by which they were added. Only on the host; it stands in the log. Ask the person first which passkeys are theirs.',
  arguments: [new Argument('<email>', 'the person’s').argParser(email)],
  examples: ['borgen person vouch bob@vendor.test'],
  async run(session, _, address) {
    const api = await session.api()
    const person = await api.post('/v1/people/vouchers', { body: { email: address } })
    return {
      json: person,
      text: () => {
        printTable(session.terminal, {
          head: ['Passkey', 'Added', 'Origin'],
          rows: person.passkeys.map((one) => [one.name, moment(one.createdAt), originOf(one)]),
          empty: 'There are no passkeys.',
        })
        session.terminal.note(`${person.name} signs in anew, with a passkey, before asking for anything.`)
      },
    }
  },
}
