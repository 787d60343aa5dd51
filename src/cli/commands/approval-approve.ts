import { Option } from 'commander'
import { approvalArgument, printApproval } from '../approval-view.ts'
import type { CliCommand } from '../command.ts'
import { CliFailure, EXIT } from '../failure.ts'

type Options = { code?: string; alone?: boolean }

export const command: CliCommand<Options, [approval: string]> = {
  description:
    'Approve with a one-time code that was made for you (`borgen approve-code`); it is read from the input unless it is given. With a passkey you approve in the console.',
  arguments: [approvalArgument()],
  options: [
    new Option('--code <code>', 'the code; better not on a shared machine, where others see what runs'),
    new Option('--alone', 'there is nobody else: in public it will stand as “approved by one person”'),
  ],
  examples: ['borgen approval approve apr_4k2v…', 'borgen approval approve apr_4k2v… --alone'],
  async run(session, { code, alone }, approval) {
    const { terminal } = session
    const api = await session.api()
    const path = { approval }
    if (code === undefined && terminal.isInteractive)
      printApproval(terminal, await api.get('/v1/approvals/{approval}', { params: { path } }))
    const given = code ?? (await terminal.ask('Code: '))
    const body = { code: given, alone: alone === true }
    const found = await api.post('/v1/approvals/{approval}/approve', { params: { path }, body })
    if (found.state === 'refused')
      throw new CliFailure(EXIT.refused, 'conflict', `It could not be carried out: ${found.reason}`, {
        remedy: 'Ask for it again as the world is now.',
        more: { approval: found },
      })
    return { json: found, text: () => printApproval(terminal, found) }
  },
}
