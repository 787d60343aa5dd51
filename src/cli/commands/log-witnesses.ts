import type { CliCommand } from '../command.ts'
import { EXIT } from '../failure.ts'
import { moment, printable } from '../printable.ts'
import { printTable } from '../table.ts'

export const command: CliCommand = {
  description:
    'List who cosigns the log, up to where and when, and print the log’s public key, which a witness is told. Exit code 1 when one refuses this log or has not cosigned it for too long.',
  examples: ['borgen log witnesses', 'borgen log witnesses --json'],
  async run(session) {
    const { terminal } = session
    const api = await session.api()
    const { items, logKey } = await api.get('/v1/log/witnesses')
    const isFine = items.every(({ state }) => state === 'cosigned')
    return {
      json: { items, logKey },
      exitCode: isFine ? EXIT.fine : EXIT.broken,
      text: async () => {
        await printTable(terminal, {
          head: ['Witness', 'State', 'Entries', 'At', 'Where'],
          rows: items.map(({ name, state, lastSize, lastAt, onThisMachine }) => [
            printable(name),
            { text: state, style: state === 'cosigned' ? ('green' as const) : ('red' as const) },
            lastSize ?? '-',
            moment(lastAt),
            onThisMachine ? 'this machine' : 'elsewhere',
          ]),
          empty: 'Nobody cosigns this log.',
        })
        for (const { name, reason } of items)
          if (reason !== null) terminal.line(`${printable(name)}: ${printable(reason)}`)
        terminal.line('\nKeys, to be kept where this machine cannot change them:')
        for (const { key } of items) terminal.line(`  --witness ${printable(key)}`)
        terminal.line(`  --log-key ${printable(logKey)}`)
        if (items.every(({ onThisMachine }) => onThisMachine))
          terminal.note(
            'Every witness runs on this machine, and falls with it. See docs/witness.md for one elsewhere.',
          )
      },
    }
  },
}
