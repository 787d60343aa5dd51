import type { CliCommand } from '../command.ts'
import { instanceArgument, printInstance } from '../instance-argument.ts'

export const command: CliCommand<object, [instance: string]> = {
  description: 'Show an instance: what it runs, where, and in what state.',
  arguments: [instanceArgument()],
  examples: ['borgen instance show acme', 'borgen instance show acme --json'],
  async run(session, _, instance) {
    const api = await session.api()
    const found = await api.get('/v1/instances/{instance}', { params: { path: { instance } } })
    return { json: found, text: () => printInstance(session.terminal, found) }
  },
}
