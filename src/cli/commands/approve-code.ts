import { Option } from 'commander'
import { approvalArgument } from '../approval-view.ts'
import type { CliCommand } from '../command.ts'
import { email } from '../option-values.ts'
import { moment } from '../printable.ts'
import { printFields } from '../table.ts'

export const command: CliCommand<{ email: string }, [approval: string]> = {
  description:
    'Make a code by which one person approves one thing once, within ten minutes; for who has no passkey at hand. Only on the host, and not for what was asked for with the same token.',
  arguments: [approvalArgument()],
  options: [
    new Option('--email <address>', 'of the person who will approve').argParser(email).makeOptionMandatory(),
  ],
  examples: ['borgen approve-code apr_4k2v… --email bob@vendor.test'],
  async run(session, { email: address }, approval) {
    const api = await session.api()
    const made = await api.post('/v1/approvals/{approval}/codes', {
      params: { path: { approval } },
      body: { email: address },
    })
    return {
      json: made,
      text: () => {
        printFields(session.terminal, [
          ['Code', made.code === null ? '(shown before)' : { text: made.code, style: 'bold' }],
          ['For', address],
          ['Works to', moment(made.expiresAt)],
        ])
        session.terminal.note('Give it to that person alone: whoever has it approves in their name.')
      },
    }
  },
}
