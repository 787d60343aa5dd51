import { Option } from 'commander'
import { approvalArgument, printApproval } from '../approval-view.ts'
import type { CliCommand } from '../command.ts'
import { notEmpty } from '../option-values.ts'

export const command: CliCommand<{ reason: string }, [approval: string]> = {
  description: 'Refuse what was asked for; the reason stands in the log.',
  arguments: [approvalArgument()],
  options: [new Option('--reason <sentence>', 'why').argParser(notEmpty).makeOptionMandatory()],
  examples: ['borgen approval refuse apr_4k2v… --reason "Too short for our support contracts."'],
  async run(session, { reason }, approval) {
    const api = await session.api()
    const found = await api.post('/v1/approvals/{approval}/refuse', {
      params: { path: { approval } },
      body: { reason },
    })
    return { json: found, text: () => printApproval(session.terminal, found) }
  },
}
