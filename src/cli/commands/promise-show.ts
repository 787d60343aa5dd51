import type { CliCommand } from '../command.ts'
import { moment } from '../printable.ts'
import { populationOf, promiseArgument, sentenceOf, verdictCell } from '../promise-view.ts'
import { printFields, printTable } from '../table.ts'

export const command: CliCommand<object, [promise: string]> = {
  description: 'Show a promise: what it says, its verdict, and what was looked at.',
  arguments: [promiseArgument()],
  examples: ['borgen promise show encryption.disks', 'borgen promise show retention.cancelled --json'],
  async run(session, _, promise) {
    const { terminal } = session
    const api = await session.api()
    const found = await api.get('/v1/promises/{promise}', { params: { path: { promise } } })
    return {
      json: found,
      text: async () => {
        terminal.line(sentenceOf(found))
        terminal.line()
        printFields(terminal, [
          ['Verdict', found.dropped === null ? verdictCell(found.verdict) : 'not made'],
          ['Why', found.dropped ?? found.reason.en],
          ['What to do', found.remedy?.en],
          ['Seen', populationOf(found)],
          ['Looked at', moment(found.provedAt)],
          ['Since', moment(found.since)],
          ['Proved every', found.every],
          ['Controls', Object.values(found.controls).flat().join(' ')],
        ])
        for (const finding of found.findings) {
          terminal.line(`\n${terminal.paint('bold', finding.part)}: ${finding.state}. ${finding.reason.en}`)
          await printTable(terminal, {
            head: ['What', 'Seen'],
            rows: (finding.evidence ?? []).map(({ what, seen, isAsPromised }) => [
              typeof what === 'string' ? what : what.en,
              { text: seen.en, style: isAsPromised === null ? 'dim' : isAsPromised ? 'green' : 'red' },
            ]),
            empty: 'No evidence was taken.',
          })
        }
      },
    }
  },
}
