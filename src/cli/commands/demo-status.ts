import type { CliCommand } from '../command.ts'
import { readDemo } from '../demo-world.ts'
import { count, moment, printable } from '../printable.ts'
import { printFields, printTable } from '../table.ts'

export const command: CliCommand = {
  description: 'Show what is broken on purpose in the demo world, and where its clock stands.',
  examples: ['borgen demo status', 'borgen demo status --json'],
  async run(session) {
    const { terminal } = session
    const api = await session.api()
    const demo = await readDemo(api)
    return {
      json: demo,
      text: async () => {
        const { advance, next, offsetMs, now, realNow } = demo
        printFields(terminal, [
          ['Demo’s time', moment(now)],
          ['Machine’s time', offsetMs === 0 ? undefined : moment(realNow)],
          ['Due next', next ? `${moment(next.at)}: ${printable(next.what)}` : undefined],
          [
            'Advancing',
            advance && advance.endedAt === null
              ? `to ${moment(advance.to)}, ${count(advance.steps, 'due item')} done`
              : undefined,
          ],
          ['Left over', advance?.problem ?? undefined],
          ['Trouble', demo.problem ?? undefined],
        ])
        terminal.line()
        await printTable(terminal, {
          head: ['What', 'State', 'Promise', 'What is done to the world'],
          rows: demo.breakable.map(({ what, promise, does }) => {
            const failed = demo.failed.find((one) => one.what === what)
            const isBroken = demo.broken.includes(what)
            const state = failed
              ? `could not ${failed.word}: ${printable(failed.problem)}`
              : isBroken
                ? 'broken on purpose'
                : 'whole'
            return [what, { text: state, style: isBroken || failed ? 'red' : 'green' }, promise, does.en]
          }),
          empty: 'Nothing can be broken here.',
        })
        for (const what of demo.broken)
          terminal.line(`\n${what} is broken on purpose: borgen demo mend ${what}`)
      },
    }
  },
}
