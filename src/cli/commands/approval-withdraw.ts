import { Option } from 'commander'
import { approvalArgument, printApproval } from '../approval-view.ts'
import type { CliCommand } from '../command.ts'
import { notEmpty } from '../option-values.ts'

export const command: CliCommand<{ reason?: string }, [approval: string]> = {
  description: 'Withdraw what you asked for, before anybody decides.',
  arguments: [approvalArgument()],
  options: [new Option('--reason <sentence>', 'why').argParser(notEmpty)],
  examples: ['borgen approval withdraw apr_4k2v…'],
  async run(session, { reason }, approval) {
    const api = await session.api()
    const found = await api.post('/v1/approvals/{approval}/withdraw', {
      params: { path: { approval } },
      body: reason === undefined ? {} : { reason },
    })
    return { json: found, text: () => printApproval(session.terminal, found) }
  },
}
