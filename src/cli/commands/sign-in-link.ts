import { Option } from 'commander'
import type { CliCommand } from '../command.ts'
import { email, notEmpty } from '../option-values.ts'

type Options = { email: string; name?: string; role: 'owner' | 'operator' | 'auditor' }

export const command: CliCommand<Options> = {
  description:
    'Make a link by which a person signs in to the console once, within a day. A person who is new is added.',
  options: [
    new Option('--email <address>', 'the person’s').argParser(email).makeOptionMandatory(),
    new Option('--name <name>', 'of a person who is new').argParser(notEmpty),
    new Option('--role <role>', 'of a person who is new')
      .choices(['owner', 'operator', 'auditor'])
      .default('operator'),
  ],
  examples: [
    'borgen sign-in-link --email ada@vendor.test',
    'borgen sign-in-link --email eve@vendor.test --name "Eve M." --role auditor --json',
  ],
  async run(session, { email: address, name, role }) {
    const api = await session.api()
    const link = await api.post('/v1/people/sign-in-links', {
      body: { email: address, role, ...(name === undefined ? {} : { name }) },
    })
    return {
      json: link,
      text: () => session.terminal.line(link.url ?? 'The link was made and shown before.'),
    }
  },
}
