import { setTimeout as pause } from 'node:timers/promises'
import { Argument } from 'commander'
import type { CliCommand } from '../command.ts'
import { explain, readDemo } from '../demo-world.ts'
import { count, moment, printable } from '../printable.ts'

const LOOK_EVERY_MS = 250

export const command: CliCommand<object, [by: string]> = {
  description:
    'Advance the demo world’s clock, from one due item to the next, each carried out at its own moment. It never goes back. Certificates, sessions and links keep to the machine’s clock.',
  arguments: [new Argument('<by>', 'an ISO 8601 duration')],
  examples: ['borgen demo advance P90D', 'borgen demo advance PT8H --json'],
  async run(session, _, by) {
    const { terminal } = session
    const api = await session.api()
    const asked = await api.post('/v1/demo/advance', { body: { by } }).catch(explain)
    for (;;) {
      const demo = await readDemo(api)
      if (demo.advance && demo.advance.endedAt === null) {
        const item = demo.advance.item ? ` · ${printable(demo.advance.item)}` : ''
        terminal.progress(`${moment(demo.now)} · ${count(demo.advance.steps, 'due item')}${item}`)
        await pause(LOOK_EVERY_MS)
        continue
      }
      terminal.endProgress()
      return {
        json: {
          ...asked,
          steps: demo.advance?.steps ?? 0,
          problem: demo.advance?.problem ?? null,
          now: demo.now,
        },
        text: () => {
          terminal.line(
            `It is ${moment(demo.now)} in the demo; ${count(demo.advance?.steps ?? 0, 'due item')} on the way.`,
          )
          if (demo.advance?.problem) terminal.line(`Left over: ${printable(demo.advance.problem)}`)
        },
      }
    }
  },
}
