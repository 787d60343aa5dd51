import type { CliCommand } from '../command.ts'
import { awaitSabotage, type BreakableName, breakableArgument, explain } from '../demo-world.ts'

export const command: CliCommand<object, [what: BreakableName]> = {
  description:
    'Break a promise of the demo world on purpose. The world is changed for real; its proof finds out by itself.',
  arguments: [breakableArgument()],
  examples: ['borgen demo break tls', 'borgen demo break isolation --json'],
  async run(session, _, what) {
    const api = await session.api()
    const path = { params: { path: { what } } }
    const asked = await api.post('/v1/demo/break/{what}', path).catch(explain)
    const demo = await awaitSabotage(api, what)
    const found = demo.breakable.find((one) => one.what === what)
    return {
      json: { ...asked, state: 'done', broken: demo.broken, promise: found?.promise ?? null },
      text: () => {
        session.terminal.line(`Broke ${what}.`)
        if (found) session.terminal.line(`See it turn within a minute: borgen promise show ${found.promise}`)
      },
    }
  },
}
