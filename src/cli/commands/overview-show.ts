import type { CliCommand } from '../command.ts'
import { moment, printable } from '../printable.ts'
import { printFields, printTable } from '../table.ts'

const SAYS = {
  same: { text: 'says what is in force', style: 'green' },
  differs: { text: 'differs, and changes nothing: `borgen overview propose`', style: 'yellow' },
  absent: { text: 'is not there', style: 'dim' },
  bad: { text: 'has problems: `borgen overview check`', style: 'red' },
} as const

export const command: CliCommand = {
  description: 'Show which overview is in force, whether the file on disk differs, and what was proposed.',
  examples: ['borgen overview show', 'borgen overview show --json'],
  async run(session) {
    const { terminal } = session
    const api = await session.api()
    const found = await api.get('/v1/overview')
    const { inForce, file, proposals } = found
    return {
      json: found,
      text: async () => {
        printFields(terminal, [
          ['In force', inForce === null ? 'the register alone' : inForce.id],
          ['Since', inForce === null ? undefined : moment(inForce.approvedAt)],
          ['Approved by', inForce?.approvedBy.name],
          ['File', file.path],
          ['The file', SAYS[file.state]],
        ])
        for (const { sentence } of file.changes) terminal.line(`  ${printable(sentence.en)}`)
        for (const { line, at, found, expected, remedy } of file.problems)
          terminal.line(
            `  ${printable(file.path)}:${line}: ${printable(`${at}: found ${found}, expected ${expected}. ${remedy}`)}`,
          )
        terminal.line()
        await printTable(terminal, {
          head: ['Proposal', 'Approval', 'By', 'At', 'State'],
          rows: proposals.map((one) => [
            one.id,
            one.approval,
            one.proposedBy.name,
            moment(one.proposedAt),
            one.state,
          ]),
          empty: 'Nothing was proposed.',
        })
      },
    }
  },
}
