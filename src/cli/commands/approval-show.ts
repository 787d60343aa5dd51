import { approvalArgument, printApproval } from '../approval-view.ts'
import type { CliCommand } from '../command.ts'

export const command: CliCommand<object, [approval: string]> = {
  description: 'Show exactly what would be agreed to, who asked, and how it stands.',
  arguments: [approvalArgument()],
  examples: ['borgen approval show apr_4k2v…', 'borgen approval show apr_4k2v… --json'],
  async run(session, _, approval) {
    const api = await session.api()
    const found = await api.get('/v1/approvals/{approval}', { params: { path: { approval } } })
    return { json: found, text: () => printApproval(session.terminal, found) }
  },
}
