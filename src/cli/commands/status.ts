import type { CliCommand } from '../command.ts'
import { EXIT } from '../failure.ts'
import { count, moment } from '../printable.ts'
import { printFields, printTable } from '../table.ts'

export const command: CliCommand = {
  description:
    'Show what runs: processes, instances and the log. The exit code is 1 when a process or the log is down, an instance has failed or its output waits for the log, and 3 when the processes cannot be told.',
  examples: ['borgen status', 'borgen status --json'],
  async run(session) {
    const { terminal } = session
    const api = await session.api()
    const status = await api.get('/v1/status')
    const { world, processes, instances, log, outbox, output, limitations } = status
    const isWell =
      processes.every((one) => one.state !== 'down') &&
      log.state === 'up' &&
      instances.failed === 0 &&
      output.waiting === 0
    return {
      json: status,
      exitCode: !isWell ? EXIT.broken : processes.length === 0 ? EXIT.unknown : EXIT.fine,
      text: async () => {
        const others = instances.other > 0 ? `, ${instances.other} on the way` : ''
        const failed = instances.failed > 0 ? `, ${instances.failed} failed` : ''
        printFields(terminal, [
          ['World', `${world.id}${world.demo ? ' (demo)' : ''}`],
          [
            'Instances',
            {
              text: `${instances.total}: ${instances.awake} awake, ${instances.asleep} asleep${others}${failed}`,
              style: instances.failed > 0 ? 'red' : 'green',
            },
          ],
          [
            'Log',
            log.state === 'up'
              ? { text: `up, ${count(log.size, 'entry', 'entries')}`, style: 'green' }
              : { text: 'down: changes are refused until it is back', style: 'red' },
          ],
          [
            'Outbox',
            outbox.waiting > 0
              ? `${count(outbox.waiting, 'outcome waits', 'outcomes wait')} for the log`
              : undefined,
          ],
          [
            'Output',
            output.waiting > 0
              ? {
                  text: `of ${count(output.waiting, 'instance', 'instances')} has waited for the log for more than a minute: see \`borgen log tail --type output.delayed\``,
                  style: 'red',
                }
              : undefined,
          ],
        ])
        terminal.line()
        await printTable(terminal, {
          head: ['Process', 'State', 'PID', 'User', 'Restarts', 'Since'],
          rows: processes.map(({ name, state, pid, uid, restarts, since }) => [
            name,
            { text: state, style: state === 'up' ? 'green' : state === 'down' ? 'red' : 'yellow' },
            pid ?? '–',
            uid ?? '–',
            restarts,
            moment(since),
          ]),
          empty: 'The supervisor’s list of processes cannot be read.',
        })
        if (limitations.length > 0)
          terminal.line(`\n${terminal.paint('bold', 'What this machine cannot give')}`)
        for (const limitation of limitations) terminal.line(`  ${limitation}`)
      },
    }
  },
}
