import type { CliCommand } from '../command.ts'
import { EXIT } from '../failure.ts'
import { count, moment, printable } from '../printable.ts'
import { exitCodeOf, summaryOf } from '../promise-view.ts'
import { printFields, printTable } from '../table.ts'

export const command: CliCommand = {
  description:
    'Show what is kept and what runs: promises, processes, instances and the log. The exit code is 1 when a promise is broken, a process or the log is down, an instance has failed or its output waits for the log, and 3 when something cannot be told and nothing is broken.',
  examples: ['borgen status', 'borgen status --json'],
  async run(session) {
    const { terminal } = session
    const api = await session.api()
    const [status, { items: promises }] = await Promise.all([api.get('/v1/status'), api.get('/v1/promises')])
    const { world, processes, instances, log, outbox, output, warnings, limitations } = status
    const isWell =
      processes.every((one) => one.state !== 'down') &&
      log.state === 'up' &&
      instances.failed === 0 &&
      output.waiting === 0
    return {
      json: { ...status, promises },
      exitCode: !isWell
        ? EXIT.broken
        : exitCodeOf(promises) || (processes.length === 0 ? EXIT.unknown : EXIT.fine),
      text: async () => {
        const others = instances.other > 0 ? `, ${instances.other} on the way` : ''
        const failed = instances.failed > 0 ? `, ${instances.failed} failed` : ''
        printFields(terminal, [
          ['Promises', summaryOf(promises)],
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
        const broken = promises.filter((one) => one.dropped === null && one.verdict === 'broken')
        for (const one of broken)
          terminal.line(`\n${terminal.paint('red', `Broken: ${one.id}`)}. ${printable(one.reason.en)}`)
        for (const warning of warnings)
          terminal.line(`${terminal.paint('yellow', '!')} ${printable(warning)}`)
        if (limitations.length > 0)
          terminal.line(`\n${terminal.paint('bold', 'What this machine cannot give')}`)
        for (const limitation of limitations) terminal.line(`  ${limitation}`)
      },
    }
  },
}
