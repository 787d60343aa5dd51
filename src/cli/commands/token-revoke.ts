import { Argument } from 'commander'
import type { CliCommand } from '../command.ts'
import { reference } from '../option-values.ts'

export const command: CliCommand<object, [token: string]> = {
  description: 'Revoke a token; what uses it is refused from now on.',
  arguments: [
    new Argument('<token>', 'its id (tok_…), as `borgen token list` shows it').argParser(reference),
  ],
  examples: ['borgen token revoke tok_0123456789abcdefghjkmnpqrs', 'borgen token revoke tok_… --json'],
  async run(session, _, token) {
    const api = await session.api()
    const revoked = await api.delete('/v1/tokens/{token}', { params: { path: { token } } })
    return { json: revoked, text: () => session.terminal.line(`Revoked ${revoked.id} (${revoked.name}).`) }
  },
}
